using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>The teacher's moving average by itself: t = fma(a, t, (1 − a) · s), with 1 − a taken in float (kernels.md section 5).</summary>
public static unsafe partial class TeacherAverage
{
    /// <summary>Updates the teacher in place.</summary>
    /// <param name="teacher">t.</param>
    /// <param name="student">s, of the same length.</param>
    /// <param name="momentum">a.</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <exception cref="ArgumentException">The lengths differ; nothing has been written.</exception>
    public static void Run(HostSpan<float> teacher, HostSpan<float> student, double momentum, int threads = 0)
        => Run(
            teacher.Pointer(teacher.Length, "teacher", "its own length"), student.Pointer(teacher.Length, "student", "the teacher's length"),
            teacher.Length, (float)momentum, threads);

    private static void Run(float* teacher, float* student, long length, float old, int threads)
    {
        int chunks = (int)((length + Optimizer.ChunkFloats - 1) / Optimizer.ChunkFloats);
        WorkSplit.Run(threads, chunks, (from, to) =>
        {
            long start = (long)from * Optimizer.ChunkFloats;
            Range(teacher + start, student + start, Math.Min(length, (long)to * Optimizer.ChunkFloats) - start, old);
        });
    }

    /// <summary>The rule, sixteen floats at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Mix(Vector512<float> teacher, Vector512<float> student, float old, float rest)
        => Vector512.FusedMultiplyAdd(Vector512.Create(old), teacher, Vector512.Create(rest) * student);

    private static void Range(float* teacher, float* student, long length, float old)
    {
        float rest = 1f - old;
        long i = 0;
        for (; i + Lanes.Count <= length; i += Lanes.Count)
        {
            Mix(Vector512.Load(teacher + i), Vector512.Load(student + i), old, rest).Store(teacher + i);
        }

        for (; i < length; i++)
        {
            teacher[i] = MathF.FusedMultiplyAdd(old, teacher[i], rest * student[i]);
        }
    }
}
