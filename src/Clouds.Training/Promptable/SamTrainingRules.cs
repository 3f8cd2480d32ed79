using Clouds.Diagnostics;
using Clouds.Training.Engine;

namespace Clouds.Training.Promptable;

/// <summary>What the ranges of single settings cannot say.</summary>
internal static class SamTrainingRules
{
    /// <summary>Checks everything before anything is built.</summary>
    /// <exception cref="CloudsException">Usage, naming the keys.</exception>
    public static void Require(SamTrainingConfig config)
    {
        SettingsRule rule = new("training of Segment Anything");
        if (config.Network.Misfit() is (string member, string found, string expected))
        {
            rule.Require(false, $"network.{member}", found, expected);
        }

        rule.Require(config.Network.Decoder.Masks > 0, "network.decoder.masks", $"{config.Network.Decoder.Masks}", "1 or more, one of which is the best");
        rule.Require(config.TrainEncoder || config.From.Length > 0, "trainEncoder, from", "false, no file", "the file with the weights of the image encoder");
        rule.Require(config.Loss.FocalPower is 0 or >= 1, "loss.focalPower", $"{config.Loss.FocalPower}",
            "0, or 1 and more: below, the slope of a right pixel is infinite");
        rule.Require(config.Steps > 0 && config.Batch > 0 && config.Prompts > 0 && config.Points > 0 && config.Passes > 0,
            "steps, batch, prompts, points, passes", $"{config.Steps}, {config.Batch}, {config.Prompts}, {config.Points}, {config.Passes}", "1 or more each");
        rule.Require(config.BoxShare is >= 0 and <= 1 && config.OutsideShare is >= 0 and <= 1, "boxShare, outsideShare",
            $"{config.BoxShare}, {config.OutsideShare}", "shares in 0..1");
        rule.Require(config.AreaPower is >= 0 and <= 1, "areaPower", FormattableString.Invariant($"{config.AreaPower}"), "0 (all masks alike) to 1");
        rule.Require(config.BoxNoise >= 0 && config.MostBoxNoise >= 0, "boxNoise, mostBoxNoise", $"{config.BoxNoise}, {config.MostBoxNoise}", "0 or more");
        rule.Require(config.Optimizer.LearningRate > 0, "optimizer.learningRate", $"{config.Optimizer.LearningRate}", "above 0");
        rule.Require(config.CheckpointEvery > 0, "checkpointEvery", $"{config.CheckpointEvery}", "1 or more steps");
    }
}
