import Foundation

/// The figures of one run: printed as a table and written to `bench.json`.
struct BenchTable {
    /// One figure, with what it is measured against.
    struct Row: Codable {
        var name: String
        var value: Double
        var unit: String
        var reference: Double?
        var ratio: Double?
    }

    private(set) var rows: [Row] = []

    /// Adds a figure and prints it, so that a long run shows what it has.
    mutating func add(_ name: String, _ value: Double, _ unit: String, reference: Double? = nil) {
        let row = Row(
            name: name,
            value: value,
            unit: unit,
            reference: reference,
            ratio: reference.flatMap { $0 == 0 ? nil : value / $0 }
        )
        rows.append(row)
        print(Self.line(row))
    }

    /// Writes all figures as JSON.
    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(rows).write(to: URL(fileURLWithPath: path))
    }

    private static func line(_ row: Row) -> String {
        var line = row.name.padding(toLength: 52, withPad: " ", startingAt: 0)
        line += text(row.value).leftPadded(to: 14) + " " + row.unit.padding(toLength: 10, withPad: " ", startingAt: 0)
        if let reference = row.reference { line += text(reference).leftPadded(to: 14) }
        if let ratio = row.ratio { line += text(ratio).leftPadded(to: 8) }
        return line
    }

    private static func text(_ value: Double) -> String {
        abs(value) >= 100 ? String(Int(value.rounded())) : String((value * 1000).rounded() / 1000)
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

/// Measures.
enum Measure {
    /// How long a body takes, in seconds of the monotonic clock.
    static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The median; 0 of none.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        return sorted.count.isMultiple(of: 2)
            ? (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
            : sorted.count == 1 ? last : sorted[sorted.count / 2]
    }

    /// The value that a part of the values does not exceed (nearest rank); 0 of none.
    static func percentile(_ part: Double, _ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let rank = Int((part * Double(values.count)).rounded(.up)) - 1
        return values.sorted()[max(0, min(values.count - 1, rank))]
    }

    /// The processor time that this process has used, in seconds.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
