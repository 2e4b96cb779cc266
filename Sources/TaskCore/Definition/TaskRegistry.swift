/// The task types that a worker knows, by name.
package struct TaskRegistry: Sendable {
    private var types: [String: RegisteredTask] = [:]

    /// - Throws: `TaskError` with code `invalidInput` when two types have one name.
    package init(_ definitions: [any TaskDefinition]) throws {
        for definition in definitions {
            let type = RegisteredTask(definition)
            guard types.updateValue(type, forKey: type.name) == nil else {
                throw TaskError(.invalidInput, "Two task types are named '\(type.name)'; give each its own name.")
            }
        }
    }

    package subscript(name: String) -> RegisteredTask? { types[name] }
    package var all: some Collection<RegisteredTask> { types.values }
}

/// A task type with its input and output types erased.
package final class RegisteredTask: Sendable {
    package let name: String
    package let defaults: TaskDefaults
    /// Decodes, runs, encodes.
    package let run:
        nonisolated(nonsending) @Sendable (_ input: JSONText, _ context: TaskContext) async throws -> JSONText

    init<Definition: TaskDefinition>(_ definition: Definition) {
        name = Definition.name
        defaults = Definition.defaults
        run = { json, context in
            let input = try Self.decode(json, for: Definition.self)
            return try JSONText(encoding: try await definition.run(input, context: context))
        }
    }

    private static func decode<Definition: TaskDefinition>(
        _ json: JSONText,
        for type: Definition.Type
    ) throws -> Definition.Input {
        do {
            return try json.decode()
        } catch {
            throw UndecodableInput(failure: .undecodableInput(Definition.name, error))
        }
    }
}

/// The input does not fit the type: an attempt with a clear error, worth trying again after a deployment.
private struct UndecodableInput: TaskFailureConvertible {
    let failure: TaskFailure
    var taskFailure: TaskFailure { failure }
}

/// Collects task types where a worker is made.
@resultBuilder
public enum TaskDefinitionBuilder {
    /// One type.
    public static func buildExpression(_ definition: any TaskDefinition) -> [any TaskDefinition] { [definition] }
    /// A list of types.
    public static func buildExpression(_ definitions: [any TaskDefinition]) -> [any TaskDefinition] { definitions }
    /// All of them.
    public static func buildBlock(_ parts: [any TaskDefinition]...) -> [any TaskDefinition] { parts.flatMap { $0 } }
    /// Those of an `if` without `else`.
    public static func buildOptional(_ part: [any TaskDefinition]?) -> [any TaskDefinition] { part ?? [] }
    /// Those of an `if`.
    public static func buildEither(first part: [any TaskDefinition]) -> [any TaskDefinition] { part }
    /// Those of an `else`.
    public static func buildEither(second part: [any TaskDefinition]) -> [any TaskDefinition] { part }
    /// Those of a loop.
    public static func buildArray(_ parts: [[any TaskDefinition]]) -> [any TaskDefinition] { parts.flatMap { $0 } }
}
