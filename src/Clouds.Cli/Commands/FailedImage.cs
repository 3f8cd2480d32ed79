using Clouds.Cli.Console;
using Clouds.Diagnostics;

namespace Clouds.Cli.Commands;

/// <summary>An image that a verb could do nothing with, while it went on with the others.</summary>
/// <param name="Image">Its file.</param>
/// <param name="Message">Why, in the words of the command line.</param>
internal sealed record FailedImage(string Image, string Message)
{
    public static FailedImage Of(string image, CloudsException failure) => new(image, CommandLineWords.Of(failure));
}
