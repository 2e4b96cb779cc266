import Foundation
import Testing

@testable import MediaTool

@Suite("what a person sees")
struct OutputTests {
    private static var files: [FileState] {
        let statuses: [FileState.Status] = [.done, .failed, .running, .waiting, .cancelled, .interrupted]
        return (0..<40).map { index in
            var file = FileState(path: "/somewhere/\(index)-ein sehr langer Name mit Wörtern 漢字 👩‍👩‍👧 \u{1B}[31m.jpg")
            file.status = statuses[index % statuses.count]
            file.fraction = Double(index) / 40
            file.message = "decoding\u{1B}[2J\nand more"
            file.failure = .init(code: "x", message: String(repeating: "long reason ", count: 20))
            file.facts = "1280×720"
            file.seconds = 1.5
            file.runningSince = Date(timeIntervalSince1970: 0)
            file.outputs = (0..<5).map { .init(path: "out/a/\($0).jpg", bytes: 12_345, width: 10, height: 10) }
            return file
        }
    }

    private func frame(_ files: [FileState], columns: Int, rows: Int) -> BarsFrame {
        BarsFrame(
            files: files,
            columns: columns,
            rows: rows,
            terminal: Terminal(hasColor: false, hasUnicode: true),
            now: Date(timeIntervalSince1970: 100),
            elapsed: 100,
            fractionAtStart: 0,
            note: "a note"
        )
    }

    @Test(
        "no line of the bars is as wide as the terminal, and there are fewer than its rows",
        arguments: [20, 33, 60, 80, 200]
    )
    func bars(columns: Int) {
        for rows in [6, 24, 60] {
            let lines = frame(Self.files, columns: columns, rows: rows).lines
            #expect(lines.allSatisfy { $0.displayWidth < columns })
            #expect(lines.count < rows)
            #expect(!lines.joined().contains("\u{1B}"))
            #expect(!lines.joined().contains("\n"))
        }
    }

    @Test("what runs is in sight however many files there are")
    func window() {
        var files = (0..<100).map { FileState(path: "f\($0)") }
        for index in 0..<70 { files[index].status = .done }
        files[70].status = .running
        #expect(frame(files, columns: 80, rows: 24).lines.contains { $0.contains("f70 ") })
    }

    @Test("the table is not wider than the terminal", arguments: [40, 60, 80, 120])
    func table(columns: Int) {
        let summary = Summary(files: Self.files, seconds: 3, signal: nil)
        let text = SummaryTable(summary: summary, terminal: .plain, columns: columns).text
        for line in text.split(separator: "\n") { #expect(String(line).displayWidth <= max(columns, 60), "\(line)") }
        #expect(!text.contains("\u{1B}"))
    }

    @Test("a drawing goes back over exactly what was drawn, and never leaves the cursor hidden")
    func region() {
        var region = ScreenRegion()
        let first = region.redraw(["one", "\u{1B}[31mtwo\u{1B}[0m", "three"], columns: 80)
        #expect(first.hasPrefix("\u{1B}[?25l\r") && first.hasSuffix("\u{1B}[?25h"))
        #expect(region.redraw(["one"], columns: 80).contains("\u{1B}[3A"))
        _ = region.redraw([String(repeating: "x", count: 70)], columns: 80)
        // Now it takes two rows.
        #expect(region.clear(columns: 40).contains("\u{1B}[2A"))
    }

    @Test("numbers are written as people read them")
    func formats() {
        #expect(Format.bytes(999) == "999 B")
        #expect(Format.bytes(1234) == "1.2 kB")
        #expect(Format.bytes(999_600) == "1.0 MB")
        #expect(Format.duration(0.345) == "0.34 s" || Format.duration(0.345) == "0.35 s")
        #expect(Format.clock(3725) == "1:02:05")
        #expect("abcdefghijklmnop.jpeg".cutInMiddle(to: 12) == "abcdefg….jpeg".cutInMiddle(to: 12))
        #expect("漢字".displayWidth == 4)
        #expect("a\u{202E}b".printable == "a\u{FFFD}b")
    }

    @Test("an exit code says how it went")
    func exitCodes() {
        func code(_ statuses: [FileState.Status], signal: Int32? = nil) -> Int32 {
            let files = statuses.map { status in
                var file = FileState(path: "f")
                file.status = status
                return file
            }
            return Summary(files: files, seconds: 1, signal: signal).exitCode
        }
        #expect(code([.done, .done]) == 0)
        #expect(code([.done, .failed]) == 1)
        #expect(code([.done, .cancelled]) == 1)
        #expect(code([.done, .interrupted], signal: SIGINT) == 130)
        #expect(code([.done, .done], signal: SIGINT) == 0)
    }
}
