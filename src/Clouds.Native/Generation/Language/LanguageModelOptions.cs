using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Native.Generation.Language;

/// <summary>How a language model is loaded; it runs on the processor.</summary>
public sealed class LanguageModelOptions
{
    private const int MostThreads = 1024;

    /// <summary>Processor threads, 0..1024; 0: one a processor. Answers do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Tokens of talk and answer together, 2 or more, no more than the model was made for; 0: what it was made for, 4096 at most. Each that is seen costs
    /// memory: 0.5 MB in Llama-2 7B, 0.13 MB in Llama-3 8B.
    /// </summary>
    public int Context { get; init; }

    /// <summary>How talks are written; by default the model's files tell.</summary>
    public ChatFormat Format { get; init; }

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(Threads is >= 0 and <= MostThreads, nameof(Threads), Threads, $"0..{MostThreads}");
        Require(Context is 0 or >= 2, nameof(Context), Context, "0, or 2 tokens or more");
        Require(Enum.IsDefined(Format), nameof(Format), Format, string.Join(", ", Enum.GetNames<ChatFormat>()));
    }

    internal static void Require(bool condition, string member, object found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(LanguageModelOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
