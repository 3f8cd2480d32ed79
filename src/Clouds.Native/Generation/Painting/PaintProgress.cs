using Clouds.Native.Images;

namespace Clouds.Native.Generation.Painting;

/// <summary>How far painting is.</summary>
/// <param name="Image">Number of the request, from 0.</param>
/// <param name="Images">Requests.</param>
/// <param name="Step">Steps of this image that are done.</param>
/// <param name="Steps">Its steps, each a call of the denoiser; start images and some samplers make them fewer or more than were asked for.</param>
/// <param name="Preview">What the image would be, a pixel for each cell of latents, every <see cref="StableDiffusionOptions.PreviewEvery"/> steps.</param>
public sealed record PaintProgress(int Image, int Images, int Step, int Steps, RgbImage? Preview);
