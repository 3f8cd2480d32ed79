using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.Released;

/// <summary>
/// A checkpoint of a whole segmenter as CLOUDS, FC-CLIP or Mask2Former publish it, in any container and under their names. Its network is told from its
/// tensors; it becomes a model of ours, which carries what the network reads and the rows of its text classifier, and neither text tower nor teacher.
/// </summary>
public sealed class ReleasedSegmenter : IDisposable
{
    private readonly ReleasedNetwork _found;

    private ReleasedSegmenter(WeightSource source, ReleasedNetwork found) => (Source, _found) = (source, found);

    /// <summary>The checkpoint under our names.</summary>
    public WeightSource Source { get; }

    /// <summary>Sizes and classifier, as the tensors tell them.</summary>
    public MaskFormerConfig Network => _found.Network;

    /// <summary>Number of classes that it was trained with; null where nothing tells.</summary>
    public int? TrainedClasses => _found.Classes;

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">As for <see cref="WeightSource.Open(string)"/>.</param>
    /// <returns>Null where the file holds no segmenter.</returns>
    /// <exception cref="CloudsException">Weights: unreadable, or a segmenter with an encoder that is not known.</exception>
    public static ReleasedSegmenter? Open(string path)
    {
        WeightSource source = WeightSource.Open(path);
        try
        {
            if (NameMap.Recognise(source.Tensors.Keys) is (string dialect, string below))
            {
                source = NameMap.Of(dialect).Apply(source, below);
            }

            TensorShapes shapes = TensorShapes.Of(source);
            if (ReleasedNetwork.HasHead(shapes))
            {
                return new ReleasedSegmenter(source, Known(ReleasedNetwork.Find(shapes), source));
            }
        }
        catch
        {
            source.Dispose();
            throw;
        }

        source.Dispose();
        return null;
    }

    /// <summary>The parameters that the network wants of the checkpoint.</summary>
    /// <param name="options">Ensemble and classes.</param>
    public IReadOnlyCollection<Parameter> Parameters(ReleaseOptions options)
    {
        MaskFormerConfig network = Configured(options);
        int classes = Classes(options, warn: null).Classes.Count;
        GraphBuilder g = new("released");
        TextBank? names = network.Classifier == ClassifierKind.Text ? TextBank.InFile([.. Enumerable.Repeat(1, classes)], network.Encoder.Create()) : null;
        new MaskFormer(network, classes, text: names).Answer(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        return [.. g.Parameters.Where(parameter => parameter.Name != TextBank.Parameter)];
    }

    /// <summary>What the model will say of itself.</summary>
    /// <param name="options">What the checkpoint does not say.</param>
    /// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
    /// <exception cref="CloudsException">Usage: the classes do not fit.</exception>
    public ModelDescription Describe(ReleaseOptions options, Action<string>? warn = null)
    {
        MaskFormerConfig network = Configured(options);
        ClassList classes = Classes(options, warn);
        return new ModelDescription
        {
            Network = network,
            ClassNames = classes.Classes.Names,
            ClassColours = [.. classes.Classes.Colours.Select(colour => new ClassColour(colour.R, colour.G, colour.B))],
            Normalisation = network.Encoder.Create().Colours,
            ShortSide = options.ShortSide,
            ClassSynonyms = network.Classifier == ClassifierKind.Text ? classes.Synonyms : [],
            UnseenClasses = options.TrainedOn is ClassList trained ? classes.Unseen(trained) : [],
        };
    }

    /// <summary>Writes the model.</summary>
    /// <param name="path">Final name, "NAME.safetensors".</param>
    /// <param name="options">What the checkpoint does not say.</param>
    /// <param name="device">Where the text tower runs; borrowed.</param>
    /// <param name="warn">Told in a sentence what a user should know; null: nobody.</param>
    /// <param name="progress">Told while names are embedded; null: nobody.</param>
    /// <param name="cancellation">Asked between names.</param>
    /// <returns>What the model says of itself.</returns>
    /// <exception cref="CloudsException">
    /// Weights: tensors are missing or do not fit, or there is no text tower; Numeric: one is not finite; Usage: the classes do not fit.
    /// </exception>
    public ModelDescription Write(string path, ReleaseOptions options, Device device,
        Action<string>? warn = null, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        IReadOnlyCollection<Parameter> parameters = Parameters(options);
        WeightMatch.Require(Source, parameters);
        ModelDescription description = Describe(options, warn);
        ClassEmbeddings? names = description.ClassSynonyms.Count > 0 ? Embed(description, options, device, progress, cancellation) : null;
        ModelFile.Write(path, description, trained: null, FrozenWeights.From(Source, parameters), names, options.Metadata);
        return description;
    }

    /// <summary>Closes the checkpoint.</summary>
    public void Dispose() => Source.Dispose();

    private static ReleasedNetwork Known(ReleasedNetwork? found, WeightSource source)
    {
        string? backbone = source.Tensors.Keys.FirstOrDefault(name => name.StartsWith("backbone.", StringComparison.Ordinal));
        return found is null
            ? throw Unknown(source, backbone is null ? "no tensor 'backbone.*'" : $"'{backbone}'", string.Join(", ", EncoderConfig.Published.Keys))
            : found.Network.Encoder.Misfit() is (string key, string wrong, string right) ? throw Unknown(source, $"{key} {wrong}", right)
            : found.Network.Classifier == ClassifierKind.Text && found.Network.Encoder.Create() is not IClipEncoder
                ? throw Unknown(source, "a text classifier beside an encoder without a text tower", "the image encoder of a CLIP")
            : found;
    }

    private static CloudsException Unknown(WeightSource source, string found, string expected) => new(Failure.Weights,
        "the checkpoint's encoder is none that is known", source.Path, found, expected, "choose a checkpoint with one of these encoders");

    private ClassEmbeddings Embed(
        ModelDescription model, ReleaseOptions options, Device device, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        EncoderTrainingConfig clip = new() { Weights = options.Clip.Length > 0 ? options.Clip : Source.Path, Vocabulary = options.Vocabulary };
        SessionSettings settings = new() { Threads = options.Threads };
        return ClassEmbeddings.Of(model.ClassSynonyms, (IClipEncoder)model.Network.Encoder.Create(), clip, device, settings, progress, cancellation);
    }

    private MaskFormerConfig Configured(ReleaseOptions options)
    {
        bool ensemble = options.GeometricEnsemble ?? Network.GeometricEnsemble;
        return !ensemble || Network.Classifier == ClassifierKind.Text
            ? Network with { GeometricEnsemble = ensemble }
            : throw new CloudsException(Failure.Usage, "the geometric ensemble wants a text classifier", Source.Path,
                "a linear classifier", next: "import the checkpoint without the ensemble");
    }

    private ClassList Classes(ReleaseOptions options, Action<string>? warn)
    {
        bool linear = Network.Classifier == ClassifierKind.Linear;
        int trained = TrainedClasses ?? ClassList.Cityscapes.Classes.Count;
        if (options.Classes is null && linear && trained != ClassList.Cityscapes.Classes.Count)
        {
            warn?.Invoke($"nothing names the {trained} classes of the checkpoint: they are called \"class 0\" to \"class {trained - 1}\"; a list names them");
            return ClassList.Numbered(trained);
        }

        ClassList classes = options.Classes ?? ClassList.Cityscapes;
        if (Configured(options).GeometricEnsemble && options.TrainedOn is null && trained != classes.Classes.Count)
        {
            warn?.Invoke($"the checkpoint was trained with {trained} classes and answers with {classes.Classes.Count}, all of which count as known to it; "
                + "the list of those that it was trained with tells which are");
        }

        return !linear || classes.Classes.Count == trained
            ? classes
            : throw new CloudsException(Failure.Usage, "the list of classes does not fit the checkpoint", Source.Path,
                $"{classes.Classes.Count} classes", $"{trained}, one for each output of its classifier but the last", "give a list of as many classes");
    }
}
