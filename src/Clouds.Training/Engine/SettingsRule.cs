using Clouds.Diagnostics;

namespace Clouds.Training.Engine;

/// <summary>What the ranges of single settings cannot say, checked before anything is built.</summary>
/// <param name="training">What is trained, for messages: "training of a language model".</param>
internal sealed class SettingsRule(string training)
{
    /// <summary>Refuses settings that do not fit together.</summary>
    /// <param name="holds">Whether they do.</param>
    /// <param name="keys">The settings.</param>
    /// <param name="found">Their values.</param>
    /// <param name="expected">What would fit.</param>
    /// <exception cref="CloudsException">Usage, naming the keys.</exception>
    public void Require(bool holds, string keys, string found, string expected)
    {
        if (!holds)
        {
            throw new CloudsException(
                Failure.Usage, "settings do not fit together", $"{training}: {keys}", found, expected, "correct one of these settings");
        }
    }

    /// <summary>What every training has: steps and checkpoints, a learning rate.</summary>
    /// <exception cref="CloudsException">Usage, naming the keys.</exception>
    public void RequireRun(long steps, int batch, int checkpointEvery, double learningRate)
    {
        Require(steps > 0 && batch > 0, "steps, batch", $"{steps}, {batch}", "1 or more each");
        Require(checkpointEvery > 0, "checkpointEvery", $"{checkpointEvery}", "1 or more steps");
        Require(learningRate > 0, "optimizer.learningRate", $"{learningRate}", "above 0");
    }
}
