public import TaskCore
public import Testing

extension TaskManager {
    /// Expects that tasks of a type were enqueued, whatever has become of them since; records an issue with what was enqueued instead.
    ///
    /// Looks at the 1000 newest tasks of that name.
    ///
    /// - Parameters:
    ///   - type: The task type.
    ///   - count: How many, exactly; nil: at least one.
    ///   - sourceLocation: Where the issue is shown.
    ///   - predicate: Which of them count, by their input.
    /// - Returns: The matching tasks, oldest first.
    /// - Throws: `TaskError` with code `storeUnavailable`; what the predicate throws.
    @discardableResult
    public func expectEnqueued<Definition: TaskDefinition>(
        _ type: Definition.Type,
        count: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        where predicate: (Definition.Input) throws -> Bool = { _ in true }
    ) async throws -> [TaskRecord] {
        try await expectEnqueued(named: Definition.name, count: count, sourceLocation: sourceLocation) { record in
            guard let input = try? record.input.decode(Definition.Input.self) else { return false }
            return try predicate(input)
        }
    }

    /// Expects that tasks of a name were enqueued, as ``expectEnqueued(_:count:sourceLocation:where:)`` does, by whatever a record says.
    ///
    /// - Throws: As ``expectEnqueued(_:count:sourceLocation:where:)``.
    @discardableResult
    public func expectEnqueued(
        named name: String,
        count: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        where predicate: (TaskRecord) throws -> Bool = { _ in true }
    ) async throws -> [TaskRecord] {
        let records = try await store.list(TaskQuery(TaskFilter(names: [name]), limit: 1000)).records
        let matching = try records.filter(predicate)
        if count.map({ $0 == matching.count }) ?? !matching.isEmpty { return matching.reversed() }

        let others = try await store.list(TaskQuery(limit: 20)).records
        let seen = others.reversed().map { "  \($0.name) \($0.input.text.prefix(200)) in \($0.queue), \($0.status)" }
        Issue.record(
            """
            expected \(count.map(String.init) ?? "at least one") enqueued '\(name)' that matches, found \(matching.count) \
            among \(records.count) of that name. \(seen.isEmpty ? "Nothing was enqueued." : "The newest tasks:")
            \(seen.joined(separator: "\n"))
            """,
            sourceLocation: sourceLocation
        )
        return matching.reversed()
    }
}
