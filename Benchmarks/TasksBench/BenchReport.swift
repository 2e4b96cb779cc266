import Foundation

/// Figures by name, several of each: the median counts. A dot in a name makes a group.
struct BenchReport {
    private var names: [String] = []
    private var figures: [String: [Double]] = [:]

    mutating func add(_ name: String, _ figure: Double) {
        if figures[name] == nil { names.append(name) }
        figures[name, default: []].append(figure)
        say("  \(name) \(Self.text(figure))")
    }

    mutating func add(_ name: String, _ ranks: Ranks) {
        add("\(name).p50", ranks.p50)
        add("\(name).p99", ranks.p99)
    }

    private func median(_ name: String) -> Double {
        let sorted = figures[name, default: []].sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    func json() throws -> String {
        var object: [String: Any] = [:]
        for name in names {
            let parts = name.split(separator: ".").map(String.init)
            let value = (median(name) * 1000).rounded() / 1000
            if parts.count == 1 {
                object[name] = value
            } else {
                var group = object[parts[0]] as? [String: Any] ?? [:]
                group[parts[1]] = value
                object[parts[0]] = group
            }
        }
        let data = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    func table() -> String {
        let width = names.map(\.count).max() ?? 0
        return names.map { name in
            let ceiling = figures["ceiling.\(name)"].map { _ in median(name) / median("ceiling.\(name)") }
            let ratio = ceiling.map { "  \(Self.text($0)) of the ceiling" } ?? ""
            return "\(name.padding(toLength: width, withPad: " ", startingAt: 0))  \(Self.text(median(name)))\(ratio)"
        }.joined(separator: "\n")
    }

    private static func text(_ figure: Double) -> String {
        figure >= 100 ? String(Int(figure.rounded())) : String(format: "%.2f", figure)
    }
}
