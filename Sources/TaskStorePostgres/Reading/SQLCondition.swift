import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Conditions joined by AND, over `task t` and its state `l`, with the values of their `$n`s in order.
struct SQLCondition {
    enum Value {
        case date(Date)
        case text(String)
        case texts([String])
        case id(TaskID)
        case states([Int16])
        case number(Int64)
    }

    private(set) var terms: [String] = []
    private(set) var values: [Value] = []

    var sql: String { terms.isEmpty ? "TRUE" : terms.joined(separator: " AND ") }

    init() {}

    init(_ filter: TaskFilter) {
        if let statuses = filter.statuses {
            // Said once more as the index of unlucky tasks says it.
            if statuses.isSubset(of: [.failed, .cancelled]) { add("l.state > \(StateColumn.done)") }
            add("l.state = ANY ($)", .states(statuses.flatMap(StateColumn.states).sorted()))
        }
        if let names = filter.names { add("t.name = ANY ($)", .texts(names.sorted())) }
        if let queues = filter.queues { add("t.queue = ANY ($)", .texts(queues.sorted())) }
        if let owner = filter.owner { add("t.owner = $", .text(owner)) }
        if let parent = filter.parent { add("t.parent = $", .id(parent)) }
        add("t.created_at", in: filter.created)
        add("l.updated_at", in: filter.updated)
        add("l.finished_at", in: filter.finished, isMissing: filter.statuses?.allSatisfy(\.isActive) ?? false)
        for (key, value) in filter.metadata.values.sorted(by: { $0.key < $1.key }) { add(metadata: key, value) }
    }

    /// Only what comes after a place.
    mutating func add(after cursor: TaskCursor, _ order: TaskQuery.Order, of table: String) {
        let sign = order == .oldestFirst ? ">" : "<"
        add("(\(table).created_at, \(table).id) \(sign) ($, $)", .date(cursor.createdAt), .id(cursor.id))
    }

    /// Adds a term whose `$`s stand for these values.
    mutating func add(_ term: String, _ values: Value...) {
        var text = ""
        var number = self.values.count
        for character in term {
            text.append(character)
            guard character == "$" else { continue }
            number += 1
            text += "\(number)"
        }
        terms.append(text)
        self.values += values
    }

    private mutating func add(_ column: String, in range: Range<Date>?, isMissing: Bool = false) {
        guard let range else { return }
        if isMissing { return add("FALSE") }
        add("\(column) >= $ AND \(column) < $", .date(range.lowerBound), .date(range.upperBound))
    }

    /// Narrows down to rows that may hold the member, however whoever wrote them spaces and escapes JSON.
    private mutating func add(metadata key: String, _ value: JSONValue) {
        add("t.metadata IS NOT NULL")
        switch value {
        case .string, .bool, .int:
            guard let member = try? JSONText(encoding: [key: value]).text else { return }
            add("t.metadata::jsonb @> $::jsonb", .text(member))
        case .null, .double, .array, .object: break
        }
    }

    func add(to parameters: inout Parameters) {
        for value in values {
            switch value {
            case .date(let date): parameters.add(date.normalized)
            case .text(let text): parameters.add(text)
            case .texts(let texts): parameters.add(texts)
            case .id(let id): parameters.add(id)
            case .states(let states): parameters.add(states)
            case .number(let number): parameters.add(number)
            }
        }
    }
}
