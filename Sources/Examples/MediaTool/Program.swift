import ArgumentParser
import Foundation

/// The program's entry: one command, and an exit code that tells what happened.
///
/// 0: everything asked for is done. 1: a task failed, or the store refused. 2: the command line was wrong. 130, 143: interrupted.
@main
enum Program {
    static func main() async {
        do {
            var command = try MediaTool.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = MediaTool.exitCode(for: error)
            guard code == .validationFailure || code == .success else {
                StandardError.write("error: \(Secrets.hidden(in: describe(error)))\n")
                exit(1)
            }
            // The parser repeats arguments that it does not understand.
            let text = Secrets.hidden(in: MediaTool.fullMessage(for: error)) + "\n"
            if code == .success { StandardOutput.write(text) } else { StandardError.write(text) }
            exit(code == .success ? 0 : 2)
        }
    }
}

struct MediaTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "media-tool",
        abstract: "Makes thumbnails, posters and metadata of photos, videos and music, as tasks that survive a crash.",
        discussion: """
            'process' works; the other commands look at the same store, also from another terminal while it works.

              media-tool process holiday/*.jpg clip.mp4 --out results
              media-tool list --store sqlite:results/tasks.sqlite
            """,
        subcommands: [
            ProcessCommand.self, ListCommand.self, ShowCommand.self, TailCommand.self, RetryCommand.self,
            CancelCommand.self, StatsCommand.self, MigrateCommand.self,
        ]
    )
}
