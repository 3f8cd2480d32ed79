namespace Clouds.Cli.Method;

/// <summary>What is trained and compared: the rows of the paper's ablations, in their order.</summary>
internal enum MethodArm
{
    /// <summary>Stage 1: the frozen encoder of the miniature CLIP, labelled scenes of the source alone (Table 4, CLIP; Table 5, frozen).</summary>
    Source,

    /// <summary>Stage 2 from it, with painted images and what the teacher says of them (Table 4, CLIP + LLM + diffusion).</summary>
    Generated,

    /// <summary>The same with labels refined by the miniature of Segment Anything (Table 4, all of CLOUDS).</summary>
    Refined,

    /// <summary>Stage 1 with an encoder of the same sizes that starts from nothing and is trained (against Table 5, trainable).</summary>
    Scratch,
}
