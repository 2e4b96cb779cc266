/// How every file ended, as a table, and what to do next.
struct SummaryTable {
    let summary: Summary
    let terminal: Terminal
    /// Columns of the terminal; nil for as wide as it gets.
    let columns: Int?

    var text: String {
        let names = min(
            max(4, summary.files.map(\.name.displayWidth).max() ?? 4),
            max(12, (columns ?? 100) * 2 / 5)
        )
        let statuses = max(6, summary.files.map(\.status.rawValue.count).max() ?? 6)
        let before = [names + 2, 5, statuses, 8].reduce(0) { $0 + $1 + 2 }
        // On a narrow terminal the result goes below.
        let isBelow = columns.map { $0 - before < 30 } ?? false
        let indent = isBelow ? 4 : before
        let room = columns.map { max(20, $0 - indent - 1) } ?? .max
        let header = [
            "  " + "FILE".padded(to: names), "KIND ", "STATUS".padded(to: statuses), "TIME".paddedLeft(to: 8),
            isBelow ? "" : "RESULT",
        ]
        var lines = [terminal.styled(header.joined(separator: "  "), .bold)]
        for file in summary.files {
            let time = file.seconds > 0 ? Format.duration(file.seconds) : terminal.dash
            let start = [
                mark(file) + " " + file.name.cutInMiddle(to: names).padded(to: names),
                (file.kind ?? terminal.dash).padded(to: 5), styledStatus(file, statuses), time.paddedLeft(to: 8), "",
            ].joined(separator: "  ")
            let results = result(of: file).flatMap { Self.wrapped($0, room) }
            if isBelow { lines.append(start) }
            for (index, line) in results.enumerated() {
                lines.append((index == 0 && !isBelow ? start : String(repeating: " ", count: indent)) + line)
            }
        }
        let end = Self.wrapped(sentence.split(separator: " ").map(String.init), columns.map { $0 - 1 } ?? .max)
        return (lines + [""] + end).joined(separator: "\n") + "\n"
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

    /// Lines, each of parts that stay whole when it is broken.
    private func result(of file: FileState) -> [[String]] {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        switch file.status {
        case .failed: return [words(file.failure?.message.printable ?? "for an unknown reason")]
        case .cancelled: return [words("'process' with this file starts it again")]
        case .waiting, .running, .interrupted: return [words("goes on when you type the same command again")]
        case .done:
            let place = [file.folderPath.map { "\($0.printable)/" }, file.facts.map { "(\($0.printable))" }]
            let outputs = file.outputs.enumerated().map { index, output in
                output.description.printable + (index == file.outputs.count - 1 ? "" : ",")
            }
            return [place.compactMap(\.self), outputs].filter { !$0.isEmpty }
        }
    }

    private func mark(_ file: FileState) -> String {
        switch file.status {
        case .done: terminal.styled(terminal.check, .green)
        case .failed: terminal.styled(terminal.cross, .red)
        default: terminal.styled(terminal.dash, .yellow)
        }
    }

    private func styledStatus(_ file: FileState, _ columns: Int) -> String {
        let word = file.status.rawValue.padded(to: columns)
        switch file.status {
        case .done: return terminal.styled(word, .green)
        case .failed: return terminal.styled(word, .red)
        default: return terminal.styled(word, .yellow)
        }
    }

    /// The parts in as few lines as there is room for.
    private static func wrapped(_ parts: [String], _ room: Int) -> [String] {
        var lines: [String] = []
        for part in parts {
            if let last = lines.last, last.displayWidth + 1 + part.displayWidth <= room {
                lines[lines.count - 1] = last + " " + part
            } else {
                lines.append(part)
            }
        }
        return lines
    }
}
