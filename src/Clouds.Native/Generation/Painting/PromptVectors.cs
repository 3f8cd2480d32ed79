using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Native.Generation.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>Prompts as the denoiser reads them, each encoded once. Its tokens go up, its vectors stay where the denoiser's session looks for them.</summary>
/// <param name="networks">The networks; they outlive this object.</param>
internal sealed class PromptVectors(DiffusionNetworks networks) : IDisposable
{
    private const string Tokens = "tokens", Vectors = "vectors";

    // A prompt takes 230 to 315 KB, and prompts come back in turn.
    private const int Kept = 256;

    private readonly Dictionary<string, TensorMemory<float>> _known = [];
    private readonly TextEncoderConfig _config = networks.Config.TextEncoder;
    private GraphSession? _session;

    /// <summary>Vectors [1, L, T] of a prompt and of what guidance leads away from.</summary>
    /// <param name="prompt">L ids: start, the text's, end, padding.</param>
    /// <param name="negative">The same; null: there is no guidance.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>This object's memory, good until it is asked again; without guidance the prompt's twice.</returns>
    public (TensorMemory<float> Text, TensorMemory<float> Negative) Of(IReadOnlyList<long> prompt, IReadOnlyList<long>? negative, CancellationToken stop)
    {
        if (_known.Count + 2 > Kept)
        {
            Drop();
        }

        return (Of(prompt, stop), Of(negative ?? prompt, stop));
    }

    public void Dispose()
    {
        _session?.Dispose();
        Drop();
    }

    private TensorMemory<float> Of(IReadOnlyList<long> tokens, CancellationToken stop)
    {
        string key = string.Join(' ', tokens);
        if (!_known.TryGetValue(key, out TensorMemory<float>? vectors))
        {
            _known.Add(key, vectors = Encode([.. tokens], stop));
        }

        return vectors;
    }

    private void Drop()
    {
        foreach (TensorMemory<float> vectors in _known.Values)
        {
            vectors.Dispose();
        }

        _known.Clear();
    }

    private TensorMemory<float> Encode(long[] tokens, CancellationToken stop)
    {
        _session ??= Open();
        TensorMemory<float> vectors = new(networks.Device, (long)tokens.Length * _config.Width);
        try
        {
            _session.Bind<long>(Tokens, tokens, 1, tokens.Length);
            vectors.Bind(_session, Vectors, 1, tokens.Length, _config.Width);
            _session.Run(stop);
            return vectors;
        }
        catch
        {
            vectors.Dispose();
            throw;
        }
    }

    private GraphSession Open()
    {
        GraphBuilder g = new("prompt");
        g.Output(Vectors, new TextEncoder(_config).Build(g, g.Input(Tokens, ElementType.Int64, [1, _config.Context])));
        return networks.Open(g, DiffusionPart.TextEncoder, networks.Half);
    }
}
