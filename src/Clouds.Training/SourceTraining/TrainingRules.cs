using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;

namespace Clouds.Training.SourceTraining;

/// <summary>What the ranges of single settings cannot say: settings that have to fit each other, the network's layout and the data.</summary>
internal static class TrainingRules
{
    /// <summary>Checks everything before anything is built.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="classes">Classes of the data set.</param>
    /// <param name="ranks">Processes that share a step.</param>
    /// <exception cref="CloudsException">Usage, naming the keys.</exception>
    public static void Require(SourceTrainingConfig config, int classes, int ranks = 1)
    {
        Require(config.Batch >= ranks, "batch", $"{config.Batch} images for {ranks} ranks", "an image for each rank, or fewer ranks");
        Require(config.Loss.ClassNormaliser == ClassNormaliser.Global || config.Batch % ranks == 0, "batch, loss.classNormaliser",
            $"{config.Batch} images for {ranks} ranks, rank",
            "a batch that the ranks divide, or classNormaliser global: images of ranks with fewer of them would count more");
        config.Augmentation.Validate();
        RequireCrop(config.Augmentation);
        RequireEncoder(config.Network.Encoder);
        RequireHead(config.Network);
        RequireNames(config);
        int queries = config.Network.TransformerDecoder.Queries;
        Require(queries >= classes, "network.transformerDecoder.queries", $"{queries}", $"at least {classes}, one for each class of the data set");
        Require(config.Loss.Candidates >= config.Loss.Uncertain, "loss.oversampling",
            $"{config.Loss.Oversampling}", "enough candidates to choose from, 1 or more");
        Require(config.Optimizer.LearningRate > 0, "optimizer.learningRate", $"{config.Optimizer.LearningRate}", "above 0");
    }

    private static void RequireCrop(AugmentationConfig augmentation)
    {
        bool fits = augmentation.CropWidth % TestTimeResize.Multiple == 0 && augmentation.CropHeight % TestTimeResize.Multiple == 0;
        Require(fits, "augmentation.cropWidth, augmentation.cropHeight", $"{augmentation.CropWidth}, {augmentation.CropHeight}",
            $"multiples of {TestTimeResize.Multiple}, the network's coarsest stride");
    }

    private static void RequireEncoder(EncoderConfig encoder)
    {
        if (encoder.Misfit() is (string key, string found, string expected))
        {
            Require(false, $"network.encoder.{key}", found, expected);
        }
    }

    private static void RequireNames(SourceTrainingConfig config)
    {
        bool byText = config.Network.Classifier == ClassifierKind.Text;
        Require(byText || !config.Network.GeometricEnsemble, "network.geometricEnsemble, network.classifier", "true, linear", "classifier text");
        Require(!byText || config.Network.Encoder.Create() is IClipEncoder, "network.classifier, network.encoder.kind",
            "text, an encoder without a text tower", "one of CLIP's encoders: convnext or clip_resnet");
        Require(!byText || config.Encoder.Weights.Length > 0, "network.classifier, encoder.weights",
            "text, no weights", "the file of a whole CLIP, whose text tower embeds the classes' names");
    }

    private static void RequireHead(MaskFormerConfig network)
    {
        (PixelDecoderConfig pixel, TransformerDecoderConfig transformer) = (network.PixelDecoder, network.TransformerDecoder);
        Require(pixel.Width % PixelDecoder.Groups == 0, "network.pixelDecoder.width",
            $"{pixel.Width}", $"a multiple of {PixelDecoder.Groups}, the groups of its normalisation");
        Require(pixel.Width % pixel.Heads == 0, "network.pixelDecoder.width, network.pixelDecoder.heads",
            $"{pixel.Width}, {pixel.Heads}", "a width that the heads divide");
        Require(transformer.Width % transformer.Heads == 0, "network.transformerDecoder.width, network.transformerDecoder.heads",
            $"{transformer.Width}, {transformer.Heads}", "a width that the heads divide");
        Require(transformer.Width % 4 == 0, "network.transformerDecoder.width",
            $"{transformer.Width}", "a multiple of 4, for sines and cosines of rows and columns");
        Require(transformer.MaskWidth == pixel.MaskWidth, "network.pixelDecoder.maskWidth, network.transformerDecoder.maskWidth",
            $"{pixel.MaskWidth}, {transformer.MaskWidth}", "the same number twice");
    }

    private static void Require(bool condition, string keys, string found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "settings do not fit together", $"training: {keys}",
                found, expected, "correct one of these settings");
        }
    }
}
