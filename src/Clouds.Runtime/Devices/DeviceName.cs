using System.Globalization;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Devices;

/// <summary>Kinds of device.</summary>
public enum DeviceKind
{
    /// <summary>The first GPU where it works, the processor otherwise.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU; a failure to use it is an error.</summary>
    Cuda,

    /// <summary>The processor, but our CUDA kernels on a GPU that ONNX Runtime does not know, usually an emulated one.</summary>
    Emulated,
}

/// <summary>A device as users name it; the one place that reads such names.</summary>
/// <param name="Kind">Kind of device.</param>
/// <param name="Ordinal">Number of the GPU, from 0; 0 for the other kinds.</param>
public readonly record struct DeviceName(DeviceKind Kind, int Ordinal = 0)
{
    /// <summary>What <see cref="Parse"/> takes everywhere; verbs that check kernels take "emulated" too.</summary>
    public const string Choices = "auto, cpu, cuda or cuda:N";

    private static readonly string[] Words = ["auto", "cpu", "cuda", "emulated"];

    /// <summary>The first GPU where it works, the processor otherwise.</summary>
    public static DeviceName Auto => new(DeviceKind.Auto);

    /// <summary>The processor.</summary>
    public static DeviceName Cpu => new(DeviceKind.Cpu);

    /// <summary>The processor with our CUDA kernels on an emulated GPU.</summary>
    public static DeviceName Emulated => new(DeviceKind.Emulated);

    /// <summary>A GPU by its number, from 0.</summary>
    public static DeviceName Cuda(int ordinal = 0) => new(DeviceKind.Cuda, ordinal);

    /// <summary>Reads "auto", "cpu", "cuda", "cuda:1" or "emulated", in any case of letters.</summary>
    /// <param name="text">The name.</param>
    /// <param name="where">What the name was given to, for the message.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Usage"/>: the text is none of these; the message names the nearest.</exception>
    public static DeviceName Parse(string text, string where)
    {
        if (TryParse(text, out DeviceName name))
        {
            return name;
        }

        string next = Nearest(text) is string near ? $"did you mean '{near}'?" : "choose one of these";
        throw new CloudsException(Failure.Usage, "the device is unknown", where, $"'{text}'", Choices, next);
    }

    /// <summary>As <see cref="Parse"/>; false where the text is no device's name.</summary>
    public static bool TryParse(string text, out DeviceName name)
    {
        string word = text.ToLowerInvariant();
        int ordinal = 0;
        bool numbered = word.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(word[5..], NumberStyles.None, CultureInfo.InvariantCulture, out ordinal);
        int kind = numbered ? (int)DeviceKind.Cuda : Array.IndexOf(Words, word);
        name = kind < 0 ? default : new DeviceName((DeviceKind)kind, ordinal);
        return kind >= 0;
    }

    /// <summary>The name that was probably meant by one that is unknown; null where none is near.</summary>
    public static string? Nearest(string text)
    {
        string word = text.ToLowerInvariant();
        string letters = word.TrimEnd([.. "0123456789:- "]);
        string number = new([.. word[letters.Length..].SkipWhile(sign => !char.IsAsciiDigit(sign)).TakeWhile(char.IsAsciiDigit)]);

        // A number names a GPU, whatever stands before it; and nobody who writes "gpu" means the processor.
        string? near = NearestName.Find(letters, [.. Words, "gpu"]);
        near = near == "gpu" ? "cuda" : near;
        near = near == "cuda" && number.Length > 0 ? $"cuda:{number}" : near;
        return near == word ? null : near;
    }

    /// <inheritdoc/>
    public override string ToString() => Kind == DeviceKind.Cuda && Ordinal > 0 ? $"cuda:{Ordinal}" : Words[(int)Kind];
}
