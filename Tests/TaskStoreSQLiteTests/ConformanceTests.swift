import TaskStoreSQLite
import TaskTesting
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func keepsItsPromise(_ check: StoreCheck) async throws {
        let scratch = try Scratch()
        try await check.run { clock in try await SQLiteTaskStore(path: scratch.path, options: .init(clock: clock)) }
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: StoreConformance.sharedChecks)
    func agreesWithItsOther(_ check: SharedStoreCheck) async throws {
        let scratch = try Scratch()
        try await check.run { clock in
            (
                try await SQLiteTaskStore(path: scratch.path, options: .init(clock: clock)),
                try await SQLiteTaskStore(path: scratch.path, options: .init(clock: clock))
            )
        }
        withExtendedLifetime(scratch) {}
    }
}
