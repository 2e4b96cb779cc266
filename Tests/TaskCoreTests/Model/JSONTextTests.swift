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

    @Test(arguments: [129, 450, 505, 511, 512, 600]) func deepNestingIsRefusedWithoutCrashingWhereverItComesFrom(
        depth: Int
    ) {
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(throws: TaskError.self) { try JSONText(validating: text) }
        #expect(throws: DecodingError.self) { try JSONText(trusted: text).decode(JSONValue.self) }
        let object = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        #expect(throws: (any Error).self) { try JSONText(trusted: object).decode(JSONText.self) }
        let value = (0..<depth).reduce(JSONValue.null) { value, _ in .array([value]) }
        #expect(throws: TaskError.self) { try JSONText(encoding: value) }
    }

    @Test func nestingOf128LevelsComesBack() throws {
        let value = (0..<128).reduce(JSONValue.null) { value, level in
            level % 2 == 0 ? .array([value]) : .object(["a": value])
        }
        let text = try JSONText(encoding: value)
        #expect(try text.decode(JSONValue.self) == value)
        #expect(try JSONText(validating: text.text) == text)
    }

    @Test func nestingOf100000LevelsIsRefusedWithoutCrashing() {
        let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: TaskError.self) { try JSONText(validating: text) }
    }
}
