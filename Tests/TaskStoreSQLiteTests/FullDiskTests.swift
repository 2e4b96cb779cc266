import Foundation
import TaskCore
import TaskStoreSQLite
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FullDiskTests {
    @Test(.enabled(if: SmallDisk.isAvailable, "mounting a small file system needs root"))
    func aFullDiskIsReportedAndTheStoreGoesOnOnceThereIsSpace() async throws {
        let disk = try SmallDisk(megabytes: 8)
        let scratch = try Scratch(in: disk.directory)
        let ballast = disk.directory.appendingPathComponent("ballast")
        try Data(count: 3 << 20).write(to: ballast)
        let store = try await scratch.store()
        let worker = WorkerID(rawValue: "w")

        var acknowledged: [TaskID] = []
        var refused: [TaskID] = []
        var refusal: TaskError?
        while refusal == nil {
            // Two in one call: both or none.
            let tasks = (0..<2).map { _ in large }
            do {
                _ = try await store.enqueue(tasks.map { EnqueueRequest($0) })
                acknowledged += tasks.map(\.id)
            } catch {
                refusal = try #require(error as? TaskError)
                refused += tasks.map(\.id)
            }
        }
        #expect(refusal?.code == .storeUnavailable)
        #expect(refusal?.message.contains("disk of the SQLite file is full") == true)
        #expect(refusal?.message.contains("/") == false)

        // Still full: what there is can be read, what does not fit is refused again.
        #expect(try await store.tasks(acknowledged).allSatisfy { $0 != nil } && !acknowledged.isEmpty)
        await #expect(throws: TaskError.self) {
            _ = try await store.enqueue([EnqueueRequest(large), EnqueueRequest(large)])
        }

        try FileManager.default.removeItem(at: ballast)
        let more = try await store.enqueue(100)
        let claimed = try await store.claim(1000, by: worker)
        #expect(claimed.count == acknowledged.count + more.count)
        #expect(try await store.complete(claimed).allSatisfy { $0 == .accepted(.done) })
        #expect(try await store.tasks(refused) == refused.map { _ in nil })
        #expect(try Foreign(scratch.path).texts("PRAGMA integrity_check") == ["ok"])
        await store.close()

        let again = try await scratch.store()
        #expect(try await again.statistics(StatisticsQuery()).counts == [.done: claimed.count])
        await again.close()
    }

    private var large: NewTask {
        let text = String(repeating: "x", count: 100_000)
        return NewTask(name: "large", input: JSONText(trusted: "\"\(text)\""))
    }
}
