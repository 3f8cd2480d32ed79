using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model import --quantize`: a language model with its matrices in few bits.</summary>
internal static class LanguageImport
{
    /// <summary>Writes the file and says what it is.</summary>
    /// <exception cref="CloudsException">Usage: options that do not go together, or a file of this name is there; otherwise as the import's.</exception>
    public static void Run(ModelImportVerb.Options options, VerbContext context)
    {
        string form = options.Quantize ?? throw Wrong("--asymmetric", "--quantize with it");
        Require(options.Given ?? (options.Entry is not null ? "--as" : options.Check ? "--check" : null));
        if (!LanguageModelImport.Forms.Contains(form))
        {
            throw Wrong($"--quantize {form}", string.Join(" or ", LanguageModelImport.Forms));
        }

        string stem = Path.GetFileName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(options.File)));
        string output = ModelImportVerb.Output(options, $"{stem}.{form}");
        context.Progress.Track(progress => LanguageModelImport.Write(options.File, output, form, options.Asymmetric, progress, context.Cancellation));
        long bytes = new FileInfo(output).Length;
        context.Out.WriteLine(options.Json
            ? JsonText.Line(new { model = output, form, options.Asymmetric, bytes })
            : string.Create(CultureInfo.InvariantCulture, $"{output}: a language model in {form}, {bytes:N0} bytes"));
    }

    private static void Require(string? other)
    {
        if (other is not null)
        {
            throw Wrong(other, "no such option with --quantize");
        }
    }

    private static CloudsException Wrong(string found, string expected) =>
        new(Failure.Usage, "options do not go together", "model import", found, expected, "clouds help model import");
}
