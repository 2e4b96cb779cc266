import TaskCore
import Testing

@Suite struct TaskProgressTests {
    @Test(arguments: [
        (Double.nan, 100.0, 0.0), (-1, 100, 0), (250, 100, 1), (.infinity, 100, 1), (50, 100, 0.5), (5, .nan, 0),
        (5, -3, 0),
        (5, 0, 0), (-.infinity, 100, 0),
    ])
    func anythingIsBroughtIntoRange(processed: Double, total: Double, fraction: Double) {
        let progress = TaskProgress(processed: processed, total: total)
        #expect(progress.fraction == fraction)
        #expect(progress.processed.isFinite && progress.processed >= 0)
    }

    @Test func progressNeverGoesBack() {
        let half = TaskProgress(processed: 50, total: 100)
        #expect(half.advanced(to: TaskProgress(processed: 20, total: 100)).processed == 50)
        #expect(half.advanced(to: TaskProgress(processed: 1, total: 1000)).fraction == 0.5)
        #expect(half.advanced(to: TaskProgress(processed: 60, total: 100)).processed == 60)
    }

    @Test func longMessagesAreCutOnACharacterAndLoseNUL() throws {
        let message = try #require(TaskProgress(message: "a\u{0}" + String(repeating: "ü", count: 1000)).message)
        #expect(message.utf8.count <= 503)
        #expect(message.hasPrefix("aü") && message.hasSuffix("ü…"))
    }
}
