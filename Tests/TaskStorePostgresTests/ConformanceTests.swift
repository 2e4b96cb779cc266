import Foundation
import TaskStorePostgres
import TaskTesting
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func keepsItsPromise(_ check: StoreCheck) async throws {
        try await check.run { clock in try freshStore(clock) }
    }
}

func freshStore(_ clock: ManualClock) throws -> PostgresTaskStore {
    var options = PostgresTaskStore.Options(schema: "t\(UUID().uuidString.prefix(13).lowercased())")
    options.clock = clock
    return try PostgresTaskStore(ProcessInfo.processInfo.environment["TASKCORE_POSTGRES_URL"] ?? "", options: options)
}
