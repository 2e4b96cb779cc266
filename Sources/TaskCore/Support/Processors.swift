#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The machine.
package enum Processors {
    /// How many processors this process may use, 1 or more.
    package static let count = max(1, ProcessInfo.processInfo.activeProcessorCount)
}
