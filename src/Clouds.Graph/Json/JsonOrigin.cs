using Clouds.Diagnostics;

namespace Clouds.Graph.Json;

/// <summary>Where a JSON text comes from: how strictly it is read, and how complaints about it sound.</summary>
/// <param name="Noun">What it is, for instance "the configuration file".</param>
/// <param name="File">Its name in messages.</param>
/// <param name="Failure">Kind of failure of every complaint.</param>
/// <param name="Next">
/// What to do if the text is wrong. Null: people write it and will correct it, so they may use comments, trailing commas and a byte-order mark, and are
/// told line and column. Texts that programs write are read to the letter.
/// </param>
public sealed record JsonOrigin(string Noun, string File, Failure Failure, string? Next = null)
{
    /// <summary>Whether people write it.</summary>
    public bool ByHand => Next is null;

    /// <summary>A complaint about "run.json:3:7, key 'a.b'"; people are told how to correct what they wrote; nobody looks for lines elsewhere.</summary>
    internal CloudsException Complaint(string what, JsonPlace at, string key, string? found, string expected, string correction, Exception? inner = null)
    {
        string place = ByHand ? $"{File}:{at}" : File;
        return new CloudsException(Failure, what, key.Length == 0 ? place : $"{place}, key '{key}'", found, expected, Next ?? correction, inner);
    }
}

/// <summary>Where a piece of a text starts.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
internal readonly record struct JsonPlace(int Line, int Column)
{
    public override string ToString() => $"{Line}:{Column}";
}
