/// How every file ended, as a table, and what to do next.
struct SummaryTable {
    let summary: Summary
    let terminal: Terminal
    /// Columns of the terminal; nil for as wide as it gets.
    let columns: Int?

    var text: String {
        let width = columns ?? 120
        let names = min(max(4, summary.files.map(\.name.displayWidth).max() ?? 4), max(12, width * 2 / 5))
        let kinds = 5
        let times = 8
        let rest = max(16, width - names - kinds - times - 11 - 8)
        var lines = [
            terminal.styled(
                "  " + "FILE".padded(to: names) + "  " + "KIND ".padded(to: kinds) + "  " + "STATUS".padded(to: 11) + "  "
                    + "TIME".paddedLeft(to: times) + "  RESULT",
                .bold
            )
        ]
        for file in summary.files {
            var start = mark(file) + " " + file.name.cutInMiddle(to: names).padded(to: names) + "  "
            start += (file.kind ?? "?").padded(to: kinds) + "  " + styledStatus(file) + "  "
            start += (file.seconds > 0 ? Format.duration(file.seconds) : terminal.dash).paddedLeft(to: times) + "  "
            let indent = String(repeating: " ", count: 2 + names + 2 + kinds + 2 + 11 + 2 + times + 2)
            for (index, line) in result(of: file).flatMap({ wrapped($0, rest) }).enumerated() {
                lines.append((index == 0 ? start : indent) + line)
            }
        }
        lines.append("")
        lines.append(sentence)
        return lines.joined(separator: "\n") + "\n"
    }

    /// `7 of 9 files done, 2 failed, in 3.2 s`
    var sentence: String {
        let done = summary.count(.done)
        var text = "\(done) of \(Format.count(summary.files.count, "file")) done"
        for status in [FileState.Status.failed, .cancelled, .interrupted] where summary.count(status) > 0 {
            text += ", \(summary.count(status)) \(status == .interrupted ? "not finished" : status.rawValue)"
        }
        let before = summary.files.count { $0.wasDoneBefore }
        if before > 0 { text += " (\(before) had been done before)" }
        return text + ", in \(Format.duration(summary.seconds))."
    }

    private func result(of file: FileState) -> [String] {
        switch file.status {
        case .failed: return [file.failure?.message.printable ?? "for an unknown reason"]
        case .cancelled: return ["cancelled; 'process' with this file starts it again"]
        case .waiting, .running, .interrupted: return ["goes on when you type the same command again"]
        case .done:
            var lines: [String] = []
            if let folder = file.folderPath { lines.append("\(folder.printable)/") }
            lines.append(file.outputs.map(\.description.printable).joined(separator: ", "))
            if let facts = file.facts, !facts.isEmpty { lines[0] += lines[0].isEmpty ? facts : "  (\(facts.printable))" }
            return lines.filter { !$0.isEmpty }
        }
    }

    private func mark(_ file: FileState) -> String {
        switch file.status {
        case .done: terminal.styled(terminal.check, .green)
        case .failed: terminal.styled(terminal.cross, .red)
        default: terminal.styled(terminal.dash, .yellow)
        }
    }

    private func styledStatus(_ file: FileState) -> String {
        switch file.status {
        case .done: terminal.styled("done".padded(to: 11), .green)
        case .failed: terminal.styled("failed".padded(to: 11), .red)
        default: terminal.styled(file.status.rawValue.padded(to: 11), .yellow)
        }
    }

    /// Broken at spaces into lines of at most so many columns; not at all where the width is open.
    private func wrapped(_ text: String, _ columns: Int) -> [String] {
        guard self.columns != nil, text.displayWidth > columns else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, (line + " " + word).displayWidth > columns {
                lines.append(line)
                line = String(word)
            } else {
                line = line.isEmpty ? String(word) : line + " " + word
            }
        }
        return lines + [line]
    }
}
