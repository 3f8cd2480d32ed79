using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>An image whose masks are made on a GPU and stay there.</summary>
internal interface IEmbeddedOnDevice
{
    /// <summary>As <see cref="IEmbeddedImage.Predict"/>, on memory of the GPU.</summary>
    /// <param name="stream">Where it is in order with the caller's other work.</param>
    /// <param name="count">Prompts.</param>
    /// <param name="points">[count, points, 2], pixels of the image.</param>
    /// <param name="masks">[count, MaskHeight, MaskWidth], or empty.</param>
    /// <param name="logits">[count, 3, MaskHeight, MaskWidth], overwritten.</param>
    /// <param name="scores">[count, 3], overwritten.</param>
    /// <param name="cancellation">Ends the call.</param>
    void Predict(CudaStream stream, int count, DeviceSpan<float> points, DeviceSpan<float> masks, DeviceSpan<float> logits, DeviceSpan<float> scores,
        CancellationToken cancellation);
}

/// <summary>Memory of a GPU for the masks of images of one size. Owns it; dispose it.</summary>
internal sealed class MaskBuffers : IDisposable
{
    private readonly Gpu _gpu;
    private readonly List<IDisposable> _owned = [];
    private readonly DeviceBuffer<float> _logits;
    private readonly DeviceBuffer<float> _scores;
    private readonly DeviceBuffer<float> _best;
    private float[] _host = [];
    private float[] _hostBest = [];

    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: out of memory; all of it is given back.</exception>
    public MaskBuffers(Gpu gpu, MergePlan plan)
    {
        (_gpu, Plan) = (gpu, plan);
        try
        {
            long mask = plan.Geometry.MaskPixels;
            Merge = Own(new CudaMaskMerge(gpu.Kernels, gpu.Stream, plan.Geometry));
            _logits = Room<float>(plan.MostPrompts * MaskMerge.Candidates * mask);
            _scores = Room<float>(plan.MostPrompts * MaskMerge.Candidates);
            _best = Room<float>(plan.SecondPass ? plan.MostPrompts * mask : 0);
            Classes = Room<byte>(plan.MostPrompts);
            Areas = Room<int>(plan.MostPrompts);
            Labels = Room<byte>(plan.Geometry.Pixels);
            Clashes = Room<uint>(plan.PlaneWords);
            Bitmaps = Room<uint>((long)plan.Planes * plan.PlaneWords);
            Chosen = Room<uint>((long)plan.MostPrompts * plan.PlaneWords);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public MergePlan Plan { get; }

    /// <summary>Whether another image's masks have room here too: it may have fewer prompts and classes.</summary>
    public bool Fits(MergePlan plan) => plan.MostPrompts <= Plan.MostPrompts && plan.Planes <= Plan.Planes
        && plan == Plan with { MostPrompts = plan.MostPrompts, Planes = plan.Planes };

    public CudaMaskMerge Merge { get; }

    public DeviceBuffer<byte> Classes { get; }

    public DeviceBuffer<int> Areas { get; }

    public DeviceBuffer<byte> Labels { get; }

    public DeviceBuffer<uint> Clashes { get; }

    public DeviceBuffer<uint> Bitmaps { get; }

    public DeviceBuffer<uint> Chosen { get; }

    public DeviceSpan<float> LogitsOf(PromptChunk chunk) => _logits.Span.Slice(0, (long)chunk.Count * MaskMerge.Candidates * Plan.Geometry.MaskPixels);

    public DeviceSpan<float> ScoresOf(PromptChunk chunk) => _scores.Span.Slice(0, chunk.Count * MaskMerge.Candidates);

    /// <summary>Asks for a chunk's masks, twice where the plan says so; scores also go to the chunk.</summary>
    public void Predict(IEmbeddedImage image, PromptChunk chunk, CancellationToken cancellation)
    {
        if (image is IEmbeddedOnDevice there)
        {
            PredictThere(there, chunk, cancellation);
        }
        else
        {
            PredictHere(image, chunk, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private void PredictThere(IEmbeddedOnDevice image, PromptChunk chunk, CancellationToken cancellation)
    {
        using DeviceBuffer<float> points = _gpu.Context.Allocate<float>(chunk.Points.Length);
        _gpu.Stream.Upload<float>(chunk.Points, points.Span);
        image.Predict(_gpu.Stream, chunk.Count, points.Span, default, LogitsOf(chunk), ScoresOf(chunk), cancellation);
        Fetch(chunk);
        if (Plan.SecondPass)
        {
            int mask = Plan.Geometry.MaskPixels;
            int[] best = MaskMerge.Best(chunk.Scores);
            for (int i = 0; i < best.Length; i++)
            {
                _gpu.Stream.Copy(_logits.Span.Slice((((long)i * MaskMerge.Candidates) + best[i]) * mask, mask), _best.Span.Slice((long)i * mask, mask));
            }

            image.Predict(_gpu.Stream, chunk.Count, points.Span, _best.Span.Slice(0, (long)chunk.Count * mask), LogitsOf(chunk), ScoresOf(chunk), cancellation);
            Fetch(chunk);
        }
    }

    private void PredictHere(IEmbeddedImage image, PromptChunk chunk, CancellationToken cancellation)
    {
        int mask = Plan.Geometry.MaskPixels;
        Array.Resize(ref _host, chunk.Count * MaskMerge.Candidates * mask);
        FiniteScores.Predict(image, new MaskPrompts(chunk.Count, chunk.Points), _host, chunk.Scores, cancellation);
        if (Plan.SecondPass)
        {
            Array.Resize(ref _hostBest, chunk.Count * mask);
            BestMasks.Gather(_host, chunk.Scores, mask, _hostBest);
            FiniteScores.Predict(image, new MaskPrompts(chunk.Count, chunk.Points, _hostBest), _host, chunk.Scores, cancellation);
        }

        _gpu.Stream.Upload<float>(_host, LogitsOf(chunk));
        _gpu.Stream.Upload<float>(chunk.Scores, ScoresOf(chunk));
    }

    private void Fetch(PromptChunk chunk)
    {
        _gpu.Stream.Download(ScoresOf(chunk), chunk.Scores);
        FiniteScores.Require(chunk.Scores);
    }

    private DeviceBuffer<T> Room<T>(long length)
        where T : unmanaged
        => Own(_gpu.Context.Allocate<T>(length));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
