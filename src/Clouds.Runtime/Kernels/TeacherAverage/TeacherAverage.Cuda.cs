using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

public static unsafe partial class TeacherAverage
{
    private const int FloatsPerBlock = 1024;

    /// <summary>Updates the teacher on the GPU; kernels/ema.cu.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="teacher">t, updated; aligned to 16 bytes.</param>
    /// <param name="student">s, of the same length; aligned to 16 bytes.</param>
    /// <param name="momentum">a.</param>
    public static void Run(CudaKernels kernels, CudaStream stream, DeviceSpan<float> teacher, DeviceSpan<float> student, double momentum)
    {
        KernelCheck.Length(student.Length, teacher.Length, "student", "the teacher's length");
        KernelCheck.That((teacher.Address | student.Address) % 16 == 0, "ema", "both arenas must be aligned to 16 bytes");
        float old = (float)momentum;
        KernelArguments arguments = default;
        arguments.Add(teacher);
        arguments.Add(student);
        arguments.Add(teacher.Length);
        arguments.Add(old);
        arguments.Add(1f - old);
        stream.Launch(kernels["ema.cu", "ema"], Plan(teacher.Length), ref arguments);
    }

    /// <summary>Sizes of the launch for a length in floats.</summary>
    public static LaunchPlan Plan(long length) => new(LaunchPlan.Cover(length, FloatsPerBlock), FloatsPerBlock / 4);
}
