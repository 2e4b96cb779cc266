import TaskCore
import Testing

@Suite struct JSONTextTests {
    struct Point: Codable, Equatable {
        var y: Double
        var x: Double
    }

    @Test func equalValuesGiveEqualTextWithSortedKeys() throws {
        #expect(try JSONText(encoding: Point(y: 2, x: 1)).text == #"{"x":1,"y":2}"#)
        #expect(try JSONText(encoding: ["b": 1, "a": 2]) == JSONText(encoding: ["a": 2, "b": 1]))
    }

    @Test func valuesRoundTrip() throws {
        #expect(
            try JSONText(encoding: "🎬 \"quoted\" \\u0000 as text").decode(String.self) == "🎬 \"quoted\" \\u0000 as text"
        )
        #expect(try JSONText(encoding: Point(y: 0.1, x: -0.0)).decode(Point.self) == Point(y: 0.1, x: -0.0))
        #expect(try JSONText(encoding: NoValue()).text == "null")
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatJSONCannotSayIsRefused(number: Double) {
        #expect(throws: TaskError.self) { try JSONText(encoding: number) }
    }

    @Test func theCharacterThatPostgreSQLCannotStoreIsRefused() {
        #expect(throws: TaskError.self) { try JSONText(encoding: "a\u{0}b") }
        #expect(throws: TaskError.self) { try JSONText(encoding: ["a\u{0}b": 1]) }
        #expect(throws: TaskError.self) { try JSONText(validating: #"{"a":["\u0000"]}"#) }
    }

    @Test(arguments: ["", "{", "[1", "nope", "{\"a\":}", "\u{FEFF}"])
    func textThatIsNotJSONIsRefused(text: String) {
        #expect(throws: TaskError.self) { try JSONText(validating: text) }
    }

    @Test func textFromOutsideIsWrittenAnew() throws {
        #expect(try JSONText(validating: #"{ "b": [1, 2.5,], "a": null }"#).text == #"{"a":null,"b":[1,2.5]}"#)
    }

    @Test func nestingOf100000LevelsIsRefusedWithoutCrashing() {
        let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: TaskError.self) { try JSONText(validating: text) }
    }
}
