import Foundation
import TaskCore
import Testing

@Suite struct DateTests {
    @Test(arguments: [0, 0.25, 0.000001, 1_795_237_998.43652, -0.5, 253_402_300_799])
    func aDateComesBackToTheMicrosecond(_ seconds: Double) throws {
        let date = Date(timeIntervalSince1970: seconds)
        let back: Date = try JSONText(encoding: date).decode()
        #expect(abs(back.timeIntervalSince(date)) < 0.000001)
        #expect(try JSONText(encoding: back) == JSONText(encoding: date))
    }

    @Test func aDateWithoutAFractionIsWrittenWithoutOne() throws {
        #expect(try JSONText(encoding: Date(timeIntervalSince1970: 1)).text == "\"1970-01-01T00:00:01Z\"")
        #expect(try JSONText(encoding: Date(timeIntervalSince1970: 1.5)).text == "\"1970-01-01T00:00:01.500000Z\"")
    }

    @Test(arguments: ["1970", "yesterday", "1970-01-01T00:00:01.Z", "1970-01-01T00:00:01.1234567890Z", ""])
    func whatIsNoDateIsRefused(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONText(trusted: "\"\(text)\"").decode(Date.self) }
    }

    @Test func aFilterMayBeOpenToBothSides() async throws {
        let store = MemoryTaskStore()
        _ = try await store.enqueue([EnqueueRequest(NewTask(name: "t"))])
        let always = Date(timeIntervalSince1970: -.infinity)..<Date(timeIntervalSince1970: .infinity)
        #expect(try await store.list(TaskQuery(TaskFilter(created: always))).records.count == 1)
        #expect(Date(timeIntervalSince1970: .infinity).microseconds == .max)
        #expect(Date(timeIntervalSince1970: -.infinity).microseconds == .min)
    }
}
