namespace Clouds.Training.Released;

/// <summary>What a released checkpoint does not say of itself.</summary>
public sealed record ReleaseOptions
{
    /// <summary>The classes to answer with; null: Cityscapes', or numbers where a linear classifier has not 19.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>The classes that a text classifier was trained with; null: the same. The geometric ensemble listens to CLIP more about others.</summary>
    public ClassList? TrainedOn { get; init; }

    /// <summary>Whether the frozen CLIP has a say; null: where there are 250 queries, as FC-CLIP has.</summary>
    public bool? GeometricEnsemble { get; init; }

    /// <summary>Short side in pixels at which the model sees images; 0: their own size. Reference code: 1024.</summary>
    public int ShortSide { get; init; } = 1024;

    /// <summary>File of the CLIP whose text tower embeds the names; empty: the checkpoint itself, which has it in the reference.</summary>
    public string Clip { get; init; } = "";

    /// <summary>Vocabulary of the text tower; empty: OpenAI's, which is built in.</summary>
    public string Vocabulary { get; init; } = "";

    /// <summary>What else the model's metadata shall say, for instance where it comes from.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Processor threads of the text tower; 0: one a processor.</summary>
    public int Threads { get; init; }
}
