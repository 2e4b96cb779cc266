import TaskCore
import TaskStoreSQLite
import Testing

/// The write-ahead log stays short, and becomes short again after another program kept it long.
@Suite(.timeLimit(.minutes(3))) struct WriteAheadLogTests {
    /// What the store cuts the log to, and when it becomes impatient with readers.
    private static let kept = 32 << 20
    private static let impatient = 64 << 20

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func theLogIsUsedAnewWhileNobodyKeepsIt() async throws {
        let store = try await scratch.store(.init(durability: .normal))
        var longest = 0
        for _ in 0..<80 {
            try await store.enqueueMegabyte()
            longest = max(longest, scratch.logSize)
        }
        #expect(longest < Self.kept)
        await store.close()
    }

    @Test func theLogIsCutOnceALongReaderIsGone() async throws {
        let store = try await scratch.store(.init(durability: .normal))
        try await store.enqueueMegabyte()
        let reader = try Foreign(scratch.path)
        try reader.run("BEGIN")
        #expect(try reader.number("SELECT count(*) FROM task") == 1)
        var count = 1
        while scratch.logSize < Self.impatient + Self.kept {
            try await store.enqueueMegabyte()
            count += 1
        }
        #expect(try reader.number("SELECT count(*) FROM task") == 1, "the reader's snapshot stands")
        try reader.run("COMMIT")

        // The store looks after a commit, once a second at most; the time limit ends the wait.
        while scratch.logSize > Self.kept, !Task.isCancelled {
            try await store.enqueue(1)
            count += 1
        }
        #expect(scratch.logSize <= Self.kept)
        #expect(try reader.number("SELECT count(*) FROM task") == count)
        #expect(try reader.texts("PRAGMA integrity_check") == ["ok"])
        await store.close()
    }
}

extension SQLiteTaskStore {
    fileprivate func enqueueMegabyte() async throws {
        let text = String(repeating: "x", count: 1_000_000)
        _ = try await enqueue([EnqueueRequest(NewTask(name: "large", input: JSONText(trusted: "\"\(text)\"")))])
    }
}
