namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of one semantic inference (method.md section 1.7); pixels unless said.</summary>
/// <param name="Queries">Q.</param>
/// <param name="Classes">K, without the no-object class; at most 65,535.</param>
/// <param name="MaskHeight">Rows of the mask logits (stride 4).</param>
/// <param name="MaskWidth">Columns of the mask logits.</param>
/// <param name="PaddedHeight">Rows the masks are upsampled to: the network's input with padding.</param>
/// <param name="PaddedWidth">Columns the masks are upsampled to.</param>
/// <param name="CropHeight">Rows without padding, from the top.</param>
/// <param name="CropWidth">Columns without padding, from the left.</param>
public sealed record SemanticShape(int Queries, int Classes, int MaskHeight, int MaskWidth, int PaddedHeight, int PaddedWidth, int CropHeight, int CropWidth);
