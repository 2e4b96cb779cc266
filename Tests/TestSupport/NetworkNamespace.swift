import Foundation

/// A network of its own for programs, with one link to this machine's that can be pulled out. It is gone with this process. Needs root.
package final class NetworkNamespace: Sendable {
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Whether one can be had here: that is a matter of rights, not of something to install.
    package static let isAvailable: Bool = (try? Command.runBlocking("/bin/sh", ["-c", probing])) != nil

    /// This machine's address on the link.
    package let address: String
    private let name: String
    private let keeper: TestProcess

    private static let probing = "name=tc$$; ip netns add $name && ip netns del $name"

    /// Makes it, and takes it away when its input ends, which it does even when this process is killed.
    private static let keeping = #"""
        set -e
        ip netns add $1
        trap 'ip link del $1 2>/dev/null; ip netns del $1' EXIT
        ip link add $1 type veth peer name inner netns $1
        ip addr add $2/30 dev $1
        ip link set $1 up
        ip -n $1 addr add $3/30 dev inner
        ip -n $1 link set inner up
        ip -n $1 link set lo up
        echo ready
        while read -r state; do ip link set $1 $state; echo $state; done
        """#

    package init() async throws {
        // Fifteen characters are all that a link's name may have.
        name = "tc\(UUID().uuidString.lowercased().replacing("-", with: "").prefix(10))"
        let (network, first) = ("10.213.\(Int.random(in: 0...255))", 4 * Int.random(in: 0...63))
        address = "\(network).\(first + 1)"
        keeper = try TestProcess(
            "/bin/sh",
            ["-c", Self.keeping, "sh", name, address, "\(network).\(first + 2)"],
            isKilledAtEnd: false
        )
        guard await keeper.line(after: "ready") != nil else {
            var log: [String] = []
            for await line in keeper.log { log.append(line) }
            throw Unavailable(description: log.joined(separator: "\n"))
        }
    }

    /// What comes before a program and its arguments for it to run in here, under the same process id.
    package var launcher: [String] { ["/usr/bin/env", "ip", "netns", "exec", name] }

    /// Pulls the link out: nothing passes any more, and nobody is told.
    package func cut() async { await set("down") }

    /// Puts the link back.
    package func join() async { await set("up") }

    private func set(_ state: String) async {
        keeper.send(state)
        _ = await keeper.line(after: state)
    }

    /// Takes it away, now; otherwise that happens when the object is gone.
    package func remove() async {
        keeper.closeInput()
        _ = await keeper.status()
    }
}
