import ArgumentParser
import TaskCore

/// Which tasks: every part that is given must hold.
struct FilterOptions: ParsableArguments {
    @Option(help: "Only tasks of this status: queued, running, done, failed, cancelled. May be repeated.")
    var status: [TaskStatus] = []

    @Option(help: "Only tasks of this type, such as image.variants. May be repeated.")
    var name: [String] = []

    @Option(help: "Only tasks of this queue. May be repeated.")
    var queue: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only tasks with this metadata, as in preset=default. May be repeated.",
            valueName: "key=value"
        )
    )
    var metadata: [String] = []

    func validate() throws {
        for pair in metadata where !pair.dropFirst().contains("=") {
            throw ValidationError("--metadata takes key=value, not '\(pair)'.")
        }
    }

    var filter: TaskFilter {
        var members: TaskMetadata = [:]
        for pair in metadata {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            members[String(parts[0])] = .string(String(parts[1]))
        }
        return TaskFilter(
            statuses: status.isEmpty ? nil : Set(status),
            names: name.isEmpty ? nil : Set(name),
            queues: queue.isEmpty ? nil : Set(queue),
            metadata: members
        )
    }

    var isEmpty: Bool { status.isEmpty && name.isEmpty && queue.isEmpty && metadata.isEmpty }
}

/// Which tasks a command is for: ids, or everything that a filter selects.
struct SelectionOptions: ParsableArguments {
    @Argument(help: "Ids of tasks.")
    var ids: [TaskID] = []

    @OptionGroup var filter: FilterOptions

    @Flag(help: "Every task that the command applies to.")
    var all = false

    func validate() throws {
        if !ids.isEmpty, !filter.isEmpty || all { throw ValidationError("Give ids, or a filter, or --all.") }
        if ids.isEmpty, filter.isEmpty, !all { throw ValidationError("Which tasks? Give ids, a filter, or --all.") }
    }
}
