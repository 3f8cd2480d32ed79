using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>What has to be there and to fit before self-training begins.</summary>
internal static class SelfTrainingRules
{
    /// <summary>Checks settings and images before anything is built or stage 1 begins.</summary>
    /// <exception cref="CloudsException">BadInput: too large images; Usage: settings, naming keys.</exception>
    public static void RequireSettings(StagedRun run, int classes, ImageData generated, int ranks = 1)
    {
        TrainingRules.Require(run.SelfTraining.Over(run.Training, ""), classes, ranks);
        RequireSourceToMix(run);
        foreach (SizeCount size in run.SelfTraining.Generated.ScaleAndCrop ? [] : generated.Sizes)
        {
            GeneratedSize.Require(size.Width, size.Height, $"{generated.Spec}: {size.Images} images", run.Training.Augmentation);
        }
    }

    /// <summary>Checks that too, and the model of stage 1, before stage 2 begins.</summary>
    /// <exception cref="CloudsException">BadInput also: there is no model of stage 1; Weights: it has other classes.</exception>
    public static void Require(StagedRun run, string model, int classes, ImageData generated, int ranks = 1)
    {
        RequireSettings(run, classes, generated, ranks);
        if (!File.Exists(model))
        {
            throw new CloudsException(Failure.BadInput, "stage 2 has no model of stage 1 to start from", model, "no such file",
                "the model.safetensors of stage 1",
                "train stage 1 first, in the same command (stages=[1,2]), or name its model or its run's folder with --from");
        }

        RequireModel(run.Training.Network, model, classes);
    }

    // Else it would be on, and nothing would ever come of it.
    private static void RequireSourceToMix(StagedRun run)
    {
        MixConfig mix = run.SelfTraining.Mix;
        SettingsRule rule = new("self-training");
        bool mixes = run.SelfTraining.Generated.ClassMix;
        rule.Require(!mixes || run.Training.Batch > 1, "selfTraining.generated.classMix, training.batch", "true, 1",
            "2 images a step or more, or classMix false: classes come from a source image of the same step");
        rule.Require(!mixes || mix is not { Mode: MixMode.FixedShare, Share: 1 }, "selfTraining.generated.classMix, selfTraining.mix.share", "true, 1",
            "a share below 1, or classMix false: without source images there is nothing to mix");
    }

    private static void RequireModel(MaskFormerConfig network, string path, int classes)
    {
        using WeightSource file = WeightSource.Open(path);
        ModelDescription model = ModelDescription.Read(file);
        if (model.ClassNames.Count != classes)
        {
            throw new CloudsException(Failure.Weights, "the model of stage 1 has other classes than the source data", path, $"{model.ClassNames.Count} classes",
                $"{classes} classes", "take the data that stage 1 was trained on");
        }

        if (model.Network.Classifier != network.Classifier)
        {
            throw new CloudsException(Failure.Weights, "the model of stage 1 has another classifier than the settings", path, $"{model.Network.Classifier}",
                $"{network.Classifier}", "set training.network.classifier as in stage 1");
        }
    }
}
