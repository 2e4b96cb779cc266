import TaskCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct HandDrivenTests {
    @Test func aTaskDrivenByHandHasProgressMetadataAndAResult() async throws {
        let tasks = try await makeManager()
        let upload = try await tasks.begin("upload", input: "file.bin")
        #expect(try await tasks.find(upload.id)?.status == .running)
        upload.context.report(3, of: 4, message: "sending")
        try upload.context.setMetadata(["part": 3])
        try await upload.complete("etag")
        let record = try #require(try await tasks.find(upload.id))
        #expect(record.status == .done)
        #expect(record.result?.text == "\"etag\"")
        #expect(record.progress.percent == 75)
        #expect(record.metadata["part"] == 3)
    }

    @Test func endingTwiceIsRefused() async throws {
        let tasks = try await makeManager()
        let job = try await tasks.begin("job")
        try await job.complete()
        let error = await #expect(throws: TaskError.self) { try await job.fail(PermanentFailure("late")) }
        #expect(error?.code == .leaseLost)
        #expect(try await tasks.find(job.id)?.status == .done)
    }

    @Test func oneThatIsLetGoFailsAsAbandoned() async throws {
        let tasks = try await makeManager()
        let id = try await tasks.begin("forgotten").id
        let record = try await tasks.wait(for: id, toBe: .failed)
        #expect(record.error?.code == "abandoned")
    }

    @Test func aWaitingTaskCanBeClaimedByHand() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "hand", options: EnqueueOptions(queue: "elsewhere"))
        let claimed = try #require(try await tasks.claim(from: "elsewhere"))
        #expect(claimed.id == handle.id)
        #expect(try await tasks.claim(from: "elsewhere") == nil)
        try await claimed.release()
        let again = try #require(try await tasks.claim(from: "elsewhere"))
        #expect(again.record.attempts == 1)
        try await again.complete("by hand")
        #expect(try await handle.value == "by hand")
    }

    @Test func aClosureIsVisibleAsATask() async throws {
        let tasks = try await makeManager()
        let result = try await tasks.run("import", total: 10) { context in
            for _ in 0..<10 { context.advance() }
            #expect(context.progress.fraction == 1)
            return 42
        }
        #expect(result == 42)
        let record = try #require(try await tasks.list(TaskFilter(names: ["import"])).records.first)
        #expect(record.status == .done && record.percent == 100)
    }

    @Test func aClosureThatThrowsIsAFailedTask() async throws {
        let tasks = try await makeManager()
        struct Oops: Error {}
        await #expect(throws: Oops.self) { try await tasks.run("import") { _ -> Int in throw Oops() } }
        let record = try #require(try await tasks.list().records.first)
        #expect(record.status == .failed && record.error?.message.contains("Oops") == true)
    }

    @Test func aClosureIsCancelledFromOutside() async throws {
        let tasks = try await makeManager()
        let never = Gate()
        let work = Task {
            try await tasks.run("import") { context -> Int in
                await never.wait()
                try context.checkCancellation()
                return 0
            }
        }
        for try await update in tasks.updates(TaskFilter(statuses: [.running])) {
            try await tasks.cancel(update.record.id)
            break
        }
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(try await tasks.list().records.first?.status == .cancelled)
    }
}
