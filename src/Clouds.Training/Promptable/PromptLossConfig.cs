using Clouds.Graph.Settings;

namespace Clouds.Training.Promptable;

/// <summary>The loss of Segment Anything (Kirillov et al. 2023, section 3 and appendix A).</summary>
public sealed record PromptLossConfig
{
    /// <summary>Weight of the focal loss.</summary>
    [Setting(Min = 0, Source = "Kirillov et al. 2023, appendix A: focal to dice 20 : 1")]
    public double FocalWeight { get; init; } = 20;

    /// <summary>Weight of the dice loss.</summary>
    [Setting(Min = 0, Source = "Kirillov et al. 2023, appendix A: focal to dice 20 : 1")]
    public double DiceWeight { get; init; } = 1;

    /// <summary>Weight of the squared error of the foretold IoU.</summary>
    [Setting(Min = 0, Source = "Kirillov et al. 2023, appendix A: 1")]
    public double ScoreWeight { get; init; } = 1;

    /// <summary>γ of the focal loss: how little easy pixels count. 0, or 1 and more.</summary>
    [Setting(Min = 0, Source = "Lin et al. 2017: 2")]
    public double FocalPower { get; init; } = 2;

    /// <summary>α of the focal loss: weight of pixels inside, that of the others being 1 - α.</summary>
    [Setting(Min = 0, Max = 1, Source = "Lin et al. 2017: 0.25")]
    public double FocalBalance { get; init; } = 0.25;

    /// <summary>
    /// Whether the foretold IoU of all masks of a choice is trained, and not that of the best alone. Whoever asks for masks takes the one with the best
    /// score, so that a wrong score of a mask that was not the best counts as well.
    /// </summary>
    [Setting(Source = "ours, as SAM 2; Kirillov et al. 2023 train the mask with the lowest loss")]
    public bool EveryScore { get; init; } = true;
}
