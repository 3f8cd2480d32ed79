using Clouds.Graph.Randomness;
using Clouds.Models.Encoders;
using Clouds.Native.Images;
using Clouds.Native.Tokenizers;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Contrastive;

/// <summary>The training of a CLIP as the engine sees it. The crop of image i of step s is a function of (seed, s, i), its only augmentation.</summary>
internal sealed class ContrastiveTraining : ITraining, IDisposable
{
    private static readonly Normalisation Colours = new(ColourStatistics.Clip.Mean, ColourStatistics.Clip.Deviation);

    private readonly ContrastiveTrainingConfig _config;
    private readonly ICaptionedImages _data;
    private readonly ClipTokenizer _tokenizer;
    private readonly ContrastiveGraph _graph;
    private readonly SampleOrder _order;
    private readonly Prefetch<RgbImage> _images;

    /// <param name="config">Settings.</param>
    /// <param name="data">Images with captions.</param>
    /// <param name="tokenizer">The captions' vocabulary.</param>
    /// <param name="workers">Images that are made at once; 0: as many as help.</param>
    public ContrastiveTraining(ContrastiveTrainingConfig config, ICaptionedImages data, ClipTokenizer tokenizer, int workers = 0)
    {
        (_config, _data, _tokenizer, _graph) = (config, new KeptImages(data, (long)config.KeptImages << 20), tokenizer, new ContrastiveGraph(config));
        _order = new SampleOrder(data.Count, (ulong)config.Seed);
        _images = new(Make, config.Steps * config.Batch, workers, ahead: 2 * config.Batch);
    }

    public TrainingGraph Build() => _graph.Build();

    public void Fill(Batch batch)
    {
        string[] captions = new string[_config.Batch];
        for (int i = 0; i < captions.Length; i++)
        {
            long position = (batch.Step * _config.Batch) + i;
            Colours.Write(_images.Take(position), BatchPart.Of(batch, _graph.Image, i, _config.Batch), _config.Width, _config.Height);
            captions[i] = _data.Caption(_order[position]);
            _tokenizer.Row(captions[i], _config.Text.Context).Ids.CopyTo(BatchPart.Of(batch, _graph.Tokens, i, _config.Batch));
        }

        FillPartners(captions, batch.Of(_graph.Partners).Span);
        TrainingStep.Meter.AddImages(_config.Batch);
    }

    public void Dispose() => _images.Dispose();

    /// <summary>The right answers to each image, each with an equal part of 1.</summary>
    /// <param name="captions">Captions of the batch.</param>
    /// <param name="partners">A row a caption, overwritten.</param>
    internal static void FillPartners(string[] captions, Span<float> partners)
    {
        Dictionary<string, int> counts = captions.CountBy(caption => caption, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        for (int i = 0; i < partners.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, captions.Length);
            partners[i] = captions[row] == captions[column] ? 1f / counts[captions[row]] : 0;
        }
    }

    private RgbImage Make(long position)
    {
        (long step, long image) = Math.DivRem(position, _config.Batch);
        RandomStream random = new((ulong)_config.Seed, "crops", step, (int)image);
        return new ImageFrame(_config.Width, _config.Height).Fill(_data.LoadImage(_order[position]), random);
    }
}
