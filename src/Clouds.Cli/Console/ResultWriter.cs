using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>Standard output, whose failures are ours: results that do not arrive are no success.</summary>
/// <param name="writer">The stream.</param>
internal sealed class ResultWriter(TextWriter writer) : TextWriter
{
    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Send(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Send(() => writer.Write(buffer, index, count));

    public override void Write(string? value) => Send(() => writer.Write(value));

    public override void WriteLine() => Write(NewLine);

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void Flush() => Send(writer.Flush);

    private static void Send(Action write)
    {
        try
        {
            write();
        }
        catch (IOException failure)
        {
            throw new CloudsException(Failure.Output, "results cannot be written", "standard output", failure.Message,
                "a file or a pipe with room", "free space, or send them elsewhere; files that the command wrote are complete", failure);
        }
    }
}
