namespace Clouds.Models.Llama;

/// <summary>Sizes of a Llama (method.md section 5.1); the members of Hugging Face's config.json that change a number.</summary>
public sealed record LlamaConfig
{
    /// <summary>D, width of the residual stream. Llama-2 7B: 4096.</summary>
    public int Width { get; init; } = 4096;

    /// <summary>Blocks. Llama-2 7B: 32.</summary>
    public int Layers { get; init; } = 32;

    /// <summary>M, attention heads. Llama-2 7B: 32.</summary>
    public int Heads { get; init; } = 32;

    /// <summary>K, heads of keys and values, a divisor of M (grouped-query attention, Ainslie et al. 2023). Llama-2 7B: 32; Llama-3 8B: 8.</summary>
    public int KeyValueHeads { get; init; } = 32;

    /// <summary>C, width of a head; 0: D / M.</summary>
    public int HeadWidth { get; init; }

    /// <summary>F, hidden width of the feed-forward networks. Llama-2 7B: 11008.</summary>
    public int FeedForward { get; init; } = 11008;

    /// <summary>V, different tokens. Llama-2: 32000; Llama-3: 128256.</summary>
    public int Vocabulary { get; init; } = 32000;

    /// <summary>Tokens that it was trained to see at once. Llama-2: 4096.</summary>
    public int Context { get; init; } = 4096;

    /// <summary>Added to mean squares. Llama: 1e-5.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Base of the rotary embedding's frequencies. Llama-2: 10,000; Llama-3: 500,000.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>How frequencies are slowed for a longer context; null: they are not.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Whether the table of tokens is the last layer too. Llama-2 and Llama-3 8B: no; Llama-3.2 1B and 3B: yes.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>C.</summary>
    public int HeadSize => HeadWidth > 0 ? HeadWidth : Width / Heads;

    /// <summary>Llama-2 of seven thousand million parameters.</summary>
    public static LlamaConfig Llama2With7B { get; } = new();
}

/// <summary>
/// Llama 3.1's longer context (Grattafiori et al. 2024, section 3.4.2; "llama3" in Hugging Face's rope_scaling): waves that are long in the old context are
/// stretched by the factor, short ones stay, between them it is blended.
/// </summary>
/// <param name="Factor">How much longer the context is. Llama 3.1: 8; 3.2: 32.</param>
/// <param name="LowFrequency">Waves in the old context below which all are stretched. Llama 3.1: 1.</param>
/// <param name="HighFrequency">Waves in the old context from which on none is. Llama 3.1: 4.</param>
/// <param name="OldContext">Tokens of the old context. Llama 3.1: 8192.</param>
public sealed record RopeScaling(double Factor = 8, double LowFrequency = 1, double HighFrequency = 4, int OldContext = 8192)
{
    internal double Slow(double frequency)
    {
        double waves = OldContext * frequency / (2 * Math.PI);
        double kept = Math.Clamp((waves - LowFrequency) / (HighFrequency - LowFrequency), 0, 1);
        return frequency * (kept + ((1 - kept) / Factor));
    }
}
