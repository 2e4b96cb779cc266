import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Conditions joined by AND, with the values of their `?`s in order.
///
/// The text depends on which parts a filter has, never on values, so that there are few different statements to prepare.
struct SQLCondition {
    enum Value {
        case int(Int64)
        case double(Double)
        case text(String)
        case id(TaskID)
    }

    private(set) var terms: [String] = []
    private(set) var values: [Value] = []

    var sql: String { terms.isEmpty ? "TRUE" : terms.joined(separator: " AND ") }

    mutating func add(_ term: String, _ values: Value...) {
        terms.append(term)
        self.values += values
    }

    mutating func add(_ column: String, in texts: Set<String>?) {
        guard let texts else { return }
        terms.append("\(column) IN (\(Array(repeating: "?", count: texts.count).joined(separator: ", ")))")
        values += texts.sorted().map(Value.text)
    }

    mutating func add(_ column: String, in range: Range<Date>?) {
        guard let range else { return }
        add(
            "\(column) >= ? AND \(column) < ?",
            .int(range.lowerBound.microseconds),
            .int(range.upperBound.microseconds)
        )
    }

    func bind(_ statement: SQLStatement, from first: Int32 = 1) {
        for (index, value) in values.enumerated() {
            let index = first + Int32(index)
            switch value {
            case .int(let value): statement.bind(index, value)
            case .double(let value): statement.bind(index, value)
            case .text(let value): statement.bind(index, value)
            case .id(let value): statement.bind(index, value)
            }
        }
    }
}

extension SQLCondition {
    /// A filter over `task t` and `task_state s`, but for what `driver` looks up already.
    ///
    /// Metadata is narrowed down here and compared exactly by the caller with ``TaskFilter/matches(_:)``.
    init(_ filter: TaskFilter, except driver: SearchDriver? = nil) {
        if driver?.column != .status, let statuses = filter.statuses { add(statuses: statuses) }
        if driver?.column != .name { add("t.name", in: filter.names) }
        if driver?.column != .queue { add("t.queue", in: filter.queues) }
        if driver?.column != .owner, let owner = filter.owner { add("t.owner = ?", .text(owner)) }
        if driver?.column != .parent, let parent = filter.parent { add("t.parent = ?", .id(parent)) }
        add("s.created_at", in: filter.created)
        add("s.updated_at", in: filter.updated)
        add("s.finished_at", in: filter.finished)
        for (key, value) in filter.metadata.values.sorted(by: { $0.key < $1.key }) { add(metadata: key, value) }
    }

    private mutating func add(statuses: Set<TaskStatus>) {
        var terms = statuses.filter(\.isFinished).map { "s.finished = \(StatusColumns.finished($0))" }.sorted()
        switch (statuses.contains(.queued), statuses.contains(.running)) {
        case (true, true): terms.append("s.finished = 0")
        case (true, false): terms.append("(s.finished = 0 AND s.stage <> \(StatusColumns.running))")
        case (false, true): terms.append("s.stage = \(StatusColumns.running)")
        case (false, false): break
        }
        add(terms.isEmpty ? "FALSE" : "(\(terms.joined(separator: " OR ")))")
    }

    private mutating func add(metadata key: String, _ value: JSONValue) {
        add("t.metadata IS NOT NULL")
        // SQLite's JSON paths know no escapes within quotes.
        guard !key.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else { return }
        let path = Value.text("$.\"\(key)\"")
        let member = "json_extract(t.metadata, ?)"
        switch value {
        case .string(let text): add("\(member) = ?", path, .text(text))
        case .int(let number): add("\(member) = ?", path, .int(number))
        case .bool(let bool): add("\(member) = ?", path, .int(bool ? 1 : 0))
        case .null, .double, .array, .object: break
        }
    }
}

extension SQLCondition {
    mutating func add(_ other: SQLCondition) {
        terms += other.terms
        values += other.values
    }

    /// The keyset condition: the index is entered at the cursor's time, of which only later ids count.
    mutating func add(after cursor: TaskCursor, _ order: TaskQuery.Order, createdAt: String) {
        let sign = order == .oldestFirst ? ">" : "<"
        let time = Value.int(cursor.createdAt.microseconds)
        add("\(createdAt) \(sign)= ? AND (\(createdAt) \(sign) ? OR t.id \(sign) ?)", time, time, .id(cursor.id))
    }
}
