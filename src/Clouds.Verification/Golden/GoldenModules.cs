using Clouds.Verification.Golden.Modules;

namespace Clouds.Verification.Golden;

/// <summary>The modules that this version can verify.</summary>
public static class GoldenModules
{
    /// <summary>One entry for each supported module; a case of any other module fails as not supported.</summary>
    public static IReadOnlyList<IGoldenModule> All { get; } =
    [
        new MsDeformCoreModule(),
        new PixelDecoderModule(),
        new TransformerDecoderModule(),
        new CriterionModule(),
        new ConvNeXtModule(),
        new ClipTextModule(),
        new ClipResNetModule(),
        new ResNetModule(),
        new MixTransformerModule(),
        new ClipTokenizerModule(),
        new OptimizerModule(),
        new TrainingModule(),
        new InferenceModule(),
        new ConnectedComponentsModule(),
        new PseudoLabelsModule(),
        new SamModule(),
        new SamTinyVitModule(),
        new TextEncoderModule("sd_text_encoder"),
        new TextEncoderModule("sd2_text_encoder"),
        new UNetModule("sd_unet"),
        new UNetModule("sd2_unet"),
        new AutoencoderModule(),
        new TextToImageModule("sd_text2image"),
        new TextToImageModule("sd2_text2image"),
        new SamplerModule(),
        new LlamaModule(),
    ];
}
