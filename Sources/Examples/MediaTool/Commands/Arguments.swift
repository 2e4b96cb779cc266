public import ArgumentParser
public import Logging
public import TaskCore

// Types of others that are read from the command line as they are written.

extension TaskStatus: ExpressibleByArgument {}

extension TaskID: ExpressibleByArgument {
    /// Reads a UUID.
    public init?(argument: String) { self.init(argument) }
}

extension TaskCursor: ExpressibleByArgument {
    /// Reads what a page of a list ended with.
    public init?(argument: String) { self.init(argument) }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
