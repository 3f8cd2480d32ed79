namespace Clouds.Graph.Portable;

/// <summary>How a portable file is written.</summary>
public sealed record PortableForm
{
    /// <summary>Oldest version of the standard operator set that graphs can be written for: reductions take their axes as inputs since then.</summary>
    public const long OldestOpset = 18;

    /// <summary>Newest version; the newest in which operators that we use have changed.</summary>
    public const long NewestOpset = 21;

    /// <summary>Version of the standard operator set, from <see cref="OldestOpset"/> to <see cref="NewestOpset"/>.</summary>
    public long Opset { get; init; } = NewestOpset;

    /// <summary>Whether weights go to a file beside the model; they do anyway where the model would pass the 2 GB that one message can have.</summary>
    public bool DataBeside { get; init; }

    /// <summary>Most bytes of a model that holds its weights itself.</summary>
    internal long MostBytes { get; init; } = int.MaxValue;

    /// <summary>What the file says of itself, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Version of the file format in which an operator set came.</summary>
    internal long IrVersion => Opset switch
    {
        18 => 8,
        19 or 20 => 9,
        _ => 10,
    };
}
