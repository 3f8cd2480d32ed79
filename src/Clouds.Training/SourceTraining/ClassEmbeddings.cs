using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Tokenizers;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.SourceTraining;

/// <summary>What the text classifier compares with (method.md section 1.6): the classes' names, and what CLIP's text tower makes of their prompts.</summary>
/// <param name="Synonyms">By train id the names of a class.</param>
/// <param name="Rows">[R, E], of length 1, a row for each name.</param>
internal sealed record ClassEmbeddings(IReadOnlyList<IReadOnlyList<string>> Synonyms, float[] Rows)
{
    /// <summary>For the network.</summary>
    public TextBank Bank => TextBank.Of([.. Synonyms.Select(names => names.Count)], Rows);

    /// <summary>Extents of the rows.</summary>
    public long[] Shape => [Synonyms.Sum(names => names.Count), Rows.Length / Synonyms.Sum(names => names.Count)];

    /// <summary>Embeds the names of classes with the text tower in the encoder's weight file.</summary>
    /// <param name="classes">By train id.</param>
    /// <param name="config">Settings, whose network has a text classifier.</param>
    /// <param name="device">Where the tower runs; borrowed.</param>
    /// <param name="settings">Threads.</param>
    /// <param name="cancellation">Asked between names.</param>
    /// <exception cref="CloudsException">Weights: the file has no text tower; Usage: it and the vocabulary do not fit; BadInput: no vocabulary.</exception>
    public static ClassEmbeddings Of(
        IReadOnlyList<string> classes, SourceTrainingConfig config, Device device, SessionSettings settings, CancellationToken cancellation) =>
        Of([.. classes.Select(ClassSynonyms.Of)], (IClipEncoder)config.Network.Encoder.Create(), config.Encoder, device, settings, null, cancellation);

    /// <summary>Embeds names of classes with the text tower of a CLIP.</summary>
    /// <param name="synonyms">By train id the names of a class.</param>
    /// <param name="encoder">The image encoder beside the tower.</param>
    /// <param name="clip">File of the weights and vocabulary.</param>
    /// <param name="device">Where the tower runs; borrowed.</param>
    /// <param name="settings">Threads.</param>
    /// <param name="progress">Told after every name; null: nobody.</param>
    /// <param name="cancellation">Asked between names.</param>
    /// <exception cref="CloudsException">As above.</exception>
    public static ClassEmbeddings Of(IReadOnlyList<IReadOnlyList<string>> synonyms, IClipEncoder encoder, EncoderTrainingConfig clip,
        Device device, SessionSettings settings, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        ClipTextConfig tower = Tower(clip.Weights, encoder.QuickGelu);
        long[][] prompts = Tokens(synonyms.SelectMany(names => names).SelectMany(ClassPrompts.Of), clip, tower);
        GraphBuilder g = new("text tower");
        Value tokens = g.Input("tokens", ElementType.Int64, [ClassPrompts.Count, prompts[0].Length]);
        using (g.Scope(encoder.Scope))
        {
            g.Output("row", ClassPrompts.Average(g, new ClipText(tower, encoder.Embedding).Build(g, tokens)));
        }

        using SharedWeights weights = new(FrozenWeights.Open(clip.Weights, g.Parameters));
        using GraphSession session = device.CreateSession(OnnxModel.Write(g, weights.Weights.Elements), settings with { Weights = weights });
        return new ClassEmbeddings(synonyms, Run(session, prompts, encoder.Embedding, progress, cancellation));
    }

    private static float[] Run(
        GraphSession session, long[][] prompts, int embedding, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        long[] tokens = new long[ClassPrompts.Count * prompts[0].Length];
        float[] row = new float[embedding];
        session.Bind<long>("tokens", tokens, [ClassPrompts.Count, prompts[0].Length]);
        session.Bind<float>("row", row, [1, embedding]);
        List<float> rows = [];
        foreach (long[][] name in prompts.Chunk(ClassPrompts.Count))
        {
            name.SelectMany(ids => ids).ToArray().CopyTo(tokens, 0);
            session.Run(cancellation);
            rows.AddRange(row);
            progress?.Report(new ProgressReport("embed names", rows.Count / embedding, prompts.Length / ClassPrompts.Count));
        }

        return [.. rows];
    }

    // What stands behind the end changes nothing, so the longest prompt says how many tokens are needed.
    private static long[][] Tokens(IEnumerable<string> prompts, EncoderTrainingConfig settings, ClipTextConfig tower)
    {
        ClipTokenizer tokenizer = settings.Vocabulary.Length == 0 ? ClipTokenizer.Default : ClipTokenizer.Load(settings.Vocabulary);
        if (tokenizer.Count != tower.Vocabulary)
        {
            throw new CloudsException(Failure.Usage, "the vocabulary and the text tower do not fit", "training: encoder.vocabulary, encoder.weights",
                $"{tokenizer.Count} tokens", $"{tower.Vocabulary}, as many as the tower has", "set training.encoder.vocabulary to the tower's own");
        }

        long[][] rows = [.. prompts.Select(prompt => tokenizer.Row(prompt, tower.Context).Ids)];
        int longest = rows.Max(row => Array.IndexOf(row, tokenizer.End) + 1);
        return Array.ConvertAll(rows, row => row[..longest]);
    }

    private static ClipTextConfig Tower(string path, bool quickGelu)
    {
        using WeightSource source = WeightSource.Open(path);
        return ClipTextConfig.Find(source, quickGelu)?.Config ?? throw new CloudsException(Failure.Weights, "the weight file has no text tower", path,
            $"{source.Tensors.Count} tensors, none of them token_embedding.weight", "CLIP as a whole, image encoder and text tower",
            "give such a file (in a training: training.encoder.weights), or train with training.network.classifier=linear");
    }
}
