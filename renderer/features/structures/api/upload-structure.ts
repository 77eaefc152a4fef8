import { useMutation } from '@tanstack/react-query';
import { uploadedStructureSchema } from '../../../../contracts/structure.ts';
import type { UploadedStructure } from '../../../../contracts/structure.ts';
import { request } from '../../../api/client.ts';

/** @throws ApiFailure */
export function uploadStructure(file: File): Promise<UploadedStructure> {
  const form = new FormData();
  form.append('file', file, file.name);
  return request(uploadedStructureSchema, '/structures/upload', { method: 'POST', form });
}

export function useUploadStructure() {
  return useMutation({ mutationFn: uploadStructure });
}
