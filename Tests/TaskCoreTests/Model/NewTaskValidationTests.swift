import TaskCore
import Testing

@Suite struct NewTaskValidationTests {
    private func refusal(_ change: (inout NewTask) -> Void) -> String? {
        var task = NewTask(name: "resize")
        change(&task)
        do {
            _ = try task.validated()
            return nil
        } catch {
            return (error as? TaskError)?.message
        }
    }

    @Test func aPlainTaskIsAccepted() { #expect(refusal { _ in } == nil) }

    @Test func whatIsOutOfRangeIsRefusedByName() throws {
        #expect(refusal { $0.name = "" }?.contains("name is empty") == true)
        #expect(refusal { $0.queue = String(repeating: "q", count: 201) }?.contains("queue has 201 bytes") == true)
        #expect(refusal { $0.priority = 40_000 }?.contains("priority") == true)
        #expect(refusal { $0.maxAttempts = 0 }?.contains("maxAttempts") == true)
        #expect(refusal { $0.timeout = .zero }?.contains("timeout") == true)
        #expect(refusal { $0.timeout = .seconds(Int64.max) }?.contains("timeout") == true)
        #expect(refusal { $0.owner = "a\u{0}" }?.contains("U+0000") == true)
        #expect(refusal { $0.uniqueKey = "" }?.contains("unique key is empty") == true)
        #expect(refusal { $0.metadata = ["nan": .double(.nan)] }?.contains("JSON") == true)
        let deep = (1..<32).reduce(JSONValue.null) { value, _ in .array([value]) }
        #expect(refusal { $0.metadata = ["deep": deep] } == nil)
        #expect(refusal { $0.metadata = ["deep": .array([deep])] }?.contains("32 levels") == true)
    }

    @Test func anIdempotencyKeyLivesForMoreThanNothingAndAtMostAHundredYears() {
        for seconds in [0, -1, Int64.min / 2, .min, 101 * 366 * 86_400, .max] {
            let message = refusal { $0.idempotency = IdempotencyKey("k", timeToLive: .seconds(seconds)) }
            #expect(message?.contains("time to live") == true)
        }
        #expect(refusal { $0.idempotency = IdempotencyKey("k", timeToLive: nil) } == nil)
        #expect(refusal { $0.idempotency = IdempotencyKey("k", timeToLive: .seconds(100 * 365 * 86_400)) } == nil)
        let followUp = NewTask(name: "next", idempotency: IdempotencyKey("k", timeToLive: .seconds(Int64.min / 2)))
        #expect(refusal { $0.followUps = [followUp] }?.contains("time to live") == true)
    }

    @Test func anInputOf50MBIsRefused() throws {
        let input = try JSONText(encoding: String(repeating: "x", count: 50_000_000))
        #expect(refusal { $0.input = input }?.contains("pass a reference") == true)
    }

    @Test func endlessFollowUpsAreRefused() {
        var task = NewTask(name: "last")
        for _ in 0..<20 { task = NewTask(name: "before", followUps: [task]) }
        #expect(throws: TaskError.self) { try task.validated() }
    }
}
