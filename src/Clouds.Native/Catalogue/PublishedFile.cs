namespace Clouds.Native.Catalogue;

/// <summary>One file in which a model was published. What nobody has said of it is null.</summary>
public sealed class PublishedFile
{
    internal PublishedFile()
    {
    }

    /// <summary>Its name, without folders; null where it has none of its own.</summary>
    public string? Name { get; internal init; }

    /// <summary>Where a program can fetch it: an https address; null: nowhere.</summary>
    public Uri? Url { get; internal init; }

    /// <summary>The page that leads to it, for people with a browser; null where <see cref="Url"/> is enough.</summary>
    public Uri? Page { get; internal init; }

    /// <summary>The SHA-256 of its bytes, or the first of its hexadecimal digits, at least 8, as far as they were published; in lower case.</summary>
    public string? Sha256 { get; internal init; }

    /// <summary>Its length in bytes.</summary>
    public long? Bytes { get; internal init; }

    /// <summary>Who says so.</summary>
    public string? Source { get; internal init; }

    /// <summary>What tells it from the model's other files.</summary>
    public string? Remark { get; internal init; }

    /// <summary>Files of one part belong together, as shards do; null: the file is the whole model, and others are other versions of it.</summary>
    public string? Part { get; internal init; }

    /// <summary>Whether a file with this SHA-256 is this one; null where no digest was published.</summary>
    /// <param name="sha256">64 hexadecimal digits in lower case.</param>
    public bool? IsDigest(string sha256) => Sha256 is null ? null : sha256.StartsWith(Sha256, StringComparison.Ordinal);
}
