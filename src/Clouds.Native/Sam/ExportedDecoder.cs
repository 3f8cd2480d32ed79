using Clouds.Diagnostics;
using Clouds.Models.Sam;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>
/// The decoder that Segment Anything's own script exports: one prompt a run, points and corners of boxes alike, and a flag that says whether there is a mask.
/// Its masks at the image's size are not looked at; the small ones are resized as ours are.
/// </summary>
internal sealed class ExportedDecoder : IPromptDecoder
{
    private const string Embeddings = "image_embeddings", Coordinates = "point_coords", Labels = "point_labels";
    private const string Mask = "mask_input", HasMask = "has_mask_input", ImageSize = "orig_im_size";
    private const string Enlarged = "masks", Scores = "iou_predictions", Small = "low_res_masks";

    private static readonly string[] Inputs = [Embeddings, Coordinates, Labels, Mask, HasMask, ImageSize];
    private static readonly string[] Outputs = [Enlarged, Scores, Small];

    private readonly GraphSession _session;
    private readonly int _side;
    private readonly float[] _embedding;
    private readonly float[] _mask;
    private readonly float[] _hasMask = new float[1];

    /// <exception cref="CloudsException">BadInput: the file is missing, no model, or another model.</exception>
    public ExportedDecoder(string path, SamConfig config, Device device, SessionSettings settings)
    {
        _session = device.OpenSession(path, settings);
        try
        {
            (int channels, int grid) = (config.Encoder.Channels, config.Encoder.Grid);
            _side = 4 * grid;
            Require(path, Inputs, _session.Inputs);
            Require(path, Outputs, _session.Outputs);
            _embedding = Bind(Embeddings, 1, channels, grid, grid);
            _mask = Bind(Mask, 1, 1, _side, _side);
            _session.Bind<float>(HasMask, _hasMask, 1);

            // Of the small size, so that little is computed that nobody looks at.
            _session.Bind<float>(ImageSize, new float[] { 1, 1 }, 2);
            Array.ForEach(Outputs, _session.BindAllocated);
            Masks = Answer([0, 0], [PromptEncoder.Padding], default).Scores.Length;
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    public int Masks { get; }

    public (float[] Logits, float[] Scores) Run(float[] embedding, PromptTokens prompts, CancellationToken cancellation)
    {
        embedding.CopyTo(_embedding, 0);
        List<float[]> logits = [], scores = [];
        for (int i = 0; i < prompts.Count; i++)
        {
            PromptTokens prompt = prompts.Slice(i, 1);
            _hasMask[0] = prompt.Masks is null ? 0 : 1;
            prompt.Masks?.CopyTo(_mask, 0);
            (float[] small, float[] foretold) = Answer(prompt.Places, prompt.Labels, cancellation);
            logits.Add(small);
            scores.Add(foretold);
        }

        return ([.. logits.SelectMany(values => values)], [.. scores.SelectMany(values => values)]);
    }

    public void Dispose() => _session.Dispose();

    private (float[] Logits, float[] Scores) Answer(float[] places, long[] labels, CancellationToken cancellation)
    {
        _session.Bind<float>(Coordinates, places, 1, labels.Length, 2);
        _session.Bind<float>(Labels, Array.ConvertAll(labels, label => (float)label), 1, labels.Length);
        _session.Run(cancellation);
        return (_session.Read<float>(Small, out _), _session.Read<float>(Scores, out _));
    }

    private float[] Bind(string name, params long[] shape)
    {
        float[] buffer = new float[shape.Aggregate(1L, (a, b) => a * b)];
        _session.Bind<float>(name, buffer, shape);
        return buffer;
    }

    private static void Require(string path, string[] wanted, IReadOnlyList<GraphPort> found)
    {
        if (wanted.Except(found.Select(port => port.Name)).Any())
        {
            throw new CloudsException(Failure.BadInput, "the model is no exported decoder of Segment Anything", path, string.Join(", ", found),
                string.Join(", ", wanted), "export the decoder with Segment Anything's own script, or leave it out");
        }
    }
}
